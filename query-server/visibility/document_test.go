package visibility_test

import (
	"flag"
	"os"
	"testing"

	"github.com/tillproof/tillproof/query-server/visibility"
)

var update = flag.Bool("update", false, "print docs/visibility.md anew")

func TestTheDocumentIsUpToDate(t *testing.T) {
	t.Parallel()
	const name = "../../docs/visibility.md"
	if *update {
		if err := os.WriteFile(name, []byte(visibility.Document()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != visibility.Document() {
		t.Errorf("%s is not what the table says; go test ./visibility -update prints it anew", name)
	}
}
