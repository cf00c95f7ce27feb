package main

import (
	"encoding/json"
	"maps"
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
	all := maps.Clone(keys)
	for i, pin := range strings.Fields(read("ethereum.key")) {
		all["TILLPROOF_"+[]string{"ETHEREUM_CHAIN_ID", "ETHEREUM_CONTRACT", "RETAIL_SIGNER", "BRANDS_SIGNER"}[i]] = pin
	}
	var anchored struct {
		Ethereum struct{ Block struct{ Hash, Header string } }
	}
	if err := json.Unmarshal([]byte(read("anchored.json")), &anchored); err != nil {
		t.Fatal(err)
	}
	block := anchored.Ethereum.Block
	header := filepath.Join(t.TempDir(), "header")
	if err := os.WriteFile(header, []byte("0x"+block.Header+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
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
		{keys, []string{"verify", "--offline", "--ethereum", "http://127.0.0.1:1", bundles + "whole.json"}, "", 2, "either"},
		{keys, []string{"verify", "--offline", bundles + "pending.json"}, "", 0, "ask for the bundle again later"},
		{keys, []string{"verify", "--offline", bundles + "anchored.json"}, "", 1, "give --chain-id, --contract, --retail, --brands"},
		{keys, []string{"verify", "--offline", "--without-ethereum", bundles + "anchored.json"}, "", 0, "not looked at"},
		{all, []string{"verify", "--offline", bundles + "anchored.json"}, "", 0, "Whether that block is on the chain was not checked"},
		{all, []string{"verify", "--offline", "--block", block.Hash, bundles + "anchored.json"}, "", 0, "You know it to be on the chain"},
		{all, []string{"verify", "--offline", "--header", header, bundles + "anchored.json"}, "", 0, "You know it to be on the chain"},
		{all, []string{"verify", "--offline", "--block", block.Hash, bundles + "pending.json"}, "", 1, "no anchor"},
		{all, []string{"verify", "--offline", "--block", strings.Repeat("0", 63) + "1", bundles + "anchored.json"}, "", 1, "another block"},
		{all, []string{"verify", "--offline", "--block", "x", bundles + "anchored.json"}, "", 2, "--block"},
		{all, []string{"verify", "--offline", "--header", tampered, bundles + "anchored.json"}, "", 2, "--header"},
		{all, []string{"verify", "--offline", "--contract", "0x" + strings.Repeat("1", 40), bundles + "anchored.json"}, "", 1, "another contract"},
		{all, []string{"verify", "--offline", "--chain-id", "1", bundles + "anchored.json"}, "", 1, "another chain"},
		{all, []string{"verify", "--offline", "--brands", all["TILLPROOF_RETAIL_SIGNER"], bundles + "newer.json"}, "", 1, "not signed by"},
		{all, []string{"verify", "--offline", "--contract", "0x1", bundles + "anchored.json"}, "", 2, "--contract"},
		{all, []string{"verify", "--offline", "--chain-id", "main", bundles + "anchored.json"}, "", 2, "--chain-id"},
		{all, []string{"verify", "--ethereum", "http://127.0.0.1:1", bundles + "pending.json"}, "", 1, "no anchor"},
		{all, []string{"verify", "--ethereum", "http://127.0.0.1:1", bundles + "anchored.json"}, "", 1, "ask the Ethereum node"},
		{all, []string{"verify", "--ethereum", "nonsense", bundles + "anchored.json"}, "", 1, "must be a URL"},
		{keys, []string{"verify", "--ethereum", "http://127.0.0.1:1", bundles + "anchored.json"}, "", 2, "--contract"},
		{all, []string{"verify", "--offline", "--json", bundles + "newer.json"}, "", 0, `"proven": true`},
		{all, []string{"verify", "--offline", "--json", tampered}, "", 1, `"proven": false`},
		{all, []string{"verify", "--offline", bundles + "newer.json"}, "", 0, "as of size 1000 of the log is the log operator's word"},
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

// Who builds a verifier of their own has what they trust in it; the environment and options come before that.
func TestPinsAreCompiledIn(t *testing.T) {
	read := func(name string) string {
		text, err := os.ReadFile(bundles + name)
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(text))
	}
	on := strings.Fields(read("ethereum.key"))
	for pin, value := range map[*string]string{&pinnedLogKey: read("operator.key"), &pinnedWitnessKey: read("witness.key"),
		&pinnedChainID: on[0], &pinnedContract: on[1], &pinnedRetail: on[2], &pinnedBrands: on[3]} {
		*pin = value
		t.Cleanup(func() { *pin = "" })
	}
	for _, test := range []struct {
		environment map[string]string
		arguments   []string
		code        int
	}{
		{nil, nil, 0},
		{map[string]string{"TILLPROOF_ETHEREUM_CHAIN_ID": "1"}, nil, 1},
		{map[string]string{"TILLPROOF_ETHEREUM_CHAIN_ID": "1"}, []string{"--chain-id", on[0]}, 0},
	} {
		arguments := append([]string{"verify", "--offline", bundles + "anchored.json"}, test.arguments...)
		if code, stdout, stderr := tillproof(test.environment, "", arguments...); code != test.code {
			t.Errorf("%q with %v: exit code %d\n%s%s", test.arguments, test.environment, code, stdout, stderr)
		}
	}
}
