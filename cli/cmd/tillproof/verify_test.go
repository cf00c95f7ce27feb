package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The golden bundles of package proof.
const bundles = "../../../domain/proof/testdata/"

func TestVerify(t *testing.T) {
	read := func(name string) string {
		text, err := os.ReadFile(bundles + name)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	operator, witness := strings.TrimSpace(read("operator.key")), strings.TrimSpace(read("witness.key"))
	keys := map[string]string{"TILLPROOF_LOG_KEY": operator, "TILLPROOF_WITNESS_KEY": witness}
	tampered := filepath.Join(t.TempDir(), "tampered.json")
	if err := os.WriteFile(tampered, []byte(strings.Replace(read("whole.json"), `"grand":1200`, `"grand":1300`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		environment map[string]string
		arguments   []string
		stdin       string
		code        int
		want        string
	}{
		{keys, []string{"verify", "--offline", bundles + "whole.json"}, "", 0, `"grand": 1200`},
		{keys, []string{"verify", "--offline", bundles + "whole.json"}, "", 0, "the retailer's word"},
		{keys, []string{"verify", "-", "--offline"}, read("line.json"), 0, "entry 999 of 1000"},
		{nil, []string{"verify", "--offline", "--log-key", bundles + "operator.key", "--witness-key", witness, bundles + "first.json"}, "", 0, "entry 0 of 1"},
		{keys, []string{"verify", "--offline", tampered}, "", 1, "NOT PROVEN"},
		{keys, []string{"verify", "--offline", "-"}, "{}", 1, "NOT PROVEN"},
		{keys, []string{"verify", "--offline", "--without-witness", bundles + "whole.json"}, "", 1, "2 signatures"},
		{keys, []string{"verify", "--offline", "missing.json"}, "", 1, "missing.json"},
		{keys, []string{"verify", bundles + "whole.json"}, "", 2, "--offline"},
		{keys, []string{"verify", "--offline"}, "", 2, "one BUNDLE"},
		{nil, []string{"verify", "--offline", bundles + "whole.json"}, "", 2, "--log-key"},
		{map[string]string{"TILLPROOF_LOG_KEY": operator}, []string{"verify", "--offline", bundles + "whole.json"}, "", 2, "--without-witness"},
		{map[string]string{"TILLPROOF_LOG_KEY": witness}, []string{"verify", "--offline", "-"}, "", 2, "other kind"},
		{map[string]string{"TILLPROOF_LOG_KEY": "nonsense"}, []string{"verify", "--offline", "-"}, "", 2, "neither a key"},
		{keys, []string{"audit"}, "", 2, "is not given"},
		{keys, []string{"audit", "--peer", "a", "--msp", "a", "--certificate", "a", "--key", "a", "--tls-ca", "a", "--database"}, "", 2, "DATABASE_URL"},
		{keys, []string{"audit", "--peer", "a", "--msp", "a", "--certificate", "missing.pem", "--key", "a", "--tls-ca", "a"}, "", 1, "missing.pem"},
		{keys, []string{"help", "audit"}, "", 0, "--tls-ca"},
		{keys, []string{"help", "verify"}, "", 0, "--log-key"},
	} {
		code, stdout, stderr := tillproof(test.environment, test.stdin, test.arguments...)
		if code != test.code || !strings.Contains(stdout+stderr, test.want) {
			t.Errorf("%q: exit code %d, want %d with %q in\n%s%s", test.arguments, code, test.code, test.want, stdout, stderr)
		}
	}
}
