package upload

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tillproof/tillproof/cli/eterticket"
	"github.com/tillproof/tillproof/domain/ticket"
)

// olderFile is a sale of one line in the older format.
func olderFile(folio, description string) string {
	return strings.NewReplacer("FOLIO", folio, "DESCRIPTION", description).Replace(`1010-16-FOLIO-420-2018/09/11
{"fv":"2018/09/11","hiv":"17:33:53","hfv":"17:34:18","td":"1010","fl":"FOLIO","pv":"38","vr":"77","nc":"16","im":"7.0","ncj":"420"}
[{"cb":"7501031323302.0","ds":"DESCRIPTION","cn":"1.0","pi":"7.0","psi":"7","ti":"0.0","pt":"7.0"}]
[{"cp":"Efectivo"}]`)
}

// A folder of older files is a document a file; a bad one stops no other.
func TestOlderFilesAreUploaded(t *testing.T) {
	folder := writeFiles(t, map[string]string{
		"one.json": olderFile("1", "Agua"), "two.txt": olderFile("2", "Agua"), "below/three.json.gz": zipped(t, olderFile("3", "Agua")),
		"again/one.json": olderFile("1", "Agua"), "other/one.json": olderFile("1", "Pan"), // same key
		"bad.json": "no key\n", "large.txt": strings.Repeat(" ", ticket.MaxBytes+1), "sales.ndjson": one,
	})
	kept := filepath.Join(t.TempDir(), "rejected.ndjson")
	collector := newTestCollector(t)
	summary, shown, err := uploadTo(t.Context(), collector, func(options *Options) {
		options.Paths, options.Format, options.RejectedFile = []string{folder}, "eterticket", kept
	})
	if err != nil || summary.Accepted != 3 || summary.Duplicate != 1 || summary.Rejected != 3 {
		t.Errorf("%v, %v", summary, err)
	}
	want := []string{}
	for _, folio := range []string{"1", "2", "3"} {
		want = append(want, eterticket.TransactionID("1010-16-"+folio+"-420-2018/09/11"))
	}
	slices.Sort(want)
	if got := slices.Sorted(maps.Keys(collector.ids())); !slices.Equal(got, want) {
		t.Errorf("taken: %s, want %s", got, want)
	}
	for _, want := range []string{"bad.json:1: rejected: not sent: header: missing; three JSON documents follow the key", "large.txt:1", "other/one.json:1: rejected: content-conflict: "} {
		if !strings.Contains(shown, want) {
			t.Errorf("%q is not in\n%s", want, shown)
		}
	}
	content, err := os.ReadFile(kept)
	if err != nil || !strings.Contains(string(content), `"text":"no key\n"`) {
		t.Errorf("kept: %s, %v", content, err)
	}
}
