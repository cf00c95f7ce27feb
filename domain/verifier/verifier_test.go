package verifier_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/tillproof/tillproof/domain/proof"
	"github.com/tillproof/tillproof/domain/verifier"
)

const bundles = "../proof/testdata/"

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(bundles + name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

func TestVerify(t *testing.T) {
	on := strings.Fields(read(t, "ethereum.key"))
	all := map[string]any{"operator": read(t, "operator.key"), "witness": read(t, "witness.key"),
		"chainId": on[0], "contract": on[1], "retail": on[2], "brands": on[3], "block": ""}
	for _, test := range []struct {
		bundle string
		change map[string]any
		want   string // of the problem; empty: proven
	}{
		{"whole.json", nil, ""}, {"pending.json", nil, ""}, {"anchored.json", nil, ""}, {"newer.json", nil, ""},
		{"operator.key", nil, "not a proof bundle"},
		{"anchored.json", map[string]any{"operator": ""}, "operator's key is not given"},
		{"anchored.json", map[string]any{"operator": all["witness"]}, "other kind"},
		{"anchored.json", map[string]any{"witness": ""}, "2 signatures"},
		{"anchored.json", map[string]any{"witness": "x"}, "witness's key"},
		{"anchored.json", map[string]any{"chainId": "1"}, "another chain"},
		{"anchored.json", map[string]any{"chainId": "main"}, "must be a number"},
		{"anchored.json", map[string]any{"contract": "0x1"}, "contract"},
		{"anchored.json", map[string]any{"block": strings.Repeat("1", 64)}, "another block"},
		{"anchored.json", map[string]any{"block": "1"}, "block"},
		{"anchored.json", map[string]any{"chainId": "", "contract": "", "retail": "", "brands": ""}, "not given"},
		{"anchored.json", map[string]any{"chainId": "", "contract": "", "retail": "", "brands": "", "withoutEthereum": true}, ""},
		{"anchored.json", map[string]any{"typo": 1}, "read what is trusted"},
	} {
		trusted := map[string]any{}
		for _, values := range []map[string]any{all, test.change} {
			for name, value := range values {
				trusted[name] = value
			}
		}
		encoded, err := json.Marshal(trusted)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := verifier.Verify([]byte(read(t, test.bundle)), encoded)
		if err != nil {
			t.Fatal(err)
		}
		var report proof.Report
		if err := json.Unmarshal(answer, &report); err != nil {
			t.Fatal(err)
		}
		if report.Proven != (test.want == "") || !strings.Contains(report.Problem, test.want) || report.Proven != (report.Shown != nil) {
			t.Errorf("%s with %v: %.300s", test.bundle, test.change, answer)
		}
	}
}
