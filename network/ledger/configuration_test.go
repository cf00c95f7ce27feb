package ledger

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// TestEverythingIsOnThisMachine: nothing may listen to the outside, and
// everything that is not a health check is encrypted.
func TestEverythingIsOnThisMachine(t *testing.T) {
	n := newNetwork(t)
	if err := n.writeConfiguration(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"orderer/orderer.yaml": "  TLS:\n    Enabled: true\n",
		"retail/core.yaml":     "  tls:\n    enabled: true\n",
		"brands/core.yaml":     "  tls:\n    enabled: true\n",
		"configtx.yaml":        "Host: 127.0.0.1",
	} {
		content := string(read(t, filepath.Join(n.Directory, name)))
		for _, bad := range []string{"0.0.0.0", "<no value>"} {
			if strings.Contains(content, bad) {
				t.Errorf("%s contains %q", name, bad)
			}
		}
		if !strings.Contains(content, want) {
			t.Errorf("%s does not contain %q", name, want)
		}
	}
}

// TestCollectionHasNoPolicyOfItsOwn: with one, a single organisation could
// overwrite a body.
func TestCollectionHasNoPolicyOfItsOwn(t *testing.T) {
	var configured []map[string]any
	if err := json.Unmarshal(collections, &configured); err != nil {
		t.Fatal(err)
	}
	if len(configured) != 1 || configured[0]["name"] != "bodies" {
		t.Fatalf("collections are %v, want bodies alone", configured)
	}
	if policy, ok := configured[0]["endorsementPolicy"]; ok {
		t.Errorf("the collection has an endorsement policy of its own: %v", policy)
	}
}

func TestWordsNameACommandWithoutItsSecrets(t *testing.T) {
	got := strings.Join(words([]string{"lifecycle", "chaincode", "commit", "-o", "127.0.0.1:1"}), " ")
	if got != "lifecycle chaincode commit" {
		t.Errorf("words = %q", got)
	}
}
