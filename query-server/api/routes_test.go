package api

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// Each route is described, each description has its route, and they agree on who needs a token.
func TestTheDocumentDescribesTheRoutes(t *testing.T) {
	t.Parallel()
	var document struct {
		Paths map[string]map[string]struct {
			Security []map[string][]string
		}
	}
	if err := json.Unmarshal(openAPIDocument, &document); err != nil {
		t.Fatal(err)
	}
	var described, served []string
	for path, calls := range document.Paths {
		for method, call := range calls {
			who := " signed in"
			if len(call.Security) == 0 {
				who = " anyone"
			}
			described = append(described, strings.ToUpper(method)+" "+path+who)
		}
	}
	s := &server{metrics: newMetrics(nil)}
	for _, r := range s.routes() {
		who := " signed in"
		if r.roles == nil {
			who = " anyone"
		}
		served = append(served, r.method+" "+r.path+who)
	}
	slices.Sort(described)
	slices.Sort(served)
	if !slices.Equal(described, served) {
		t.Errorf("described\n%s\nserved\n%s", strings.Join(described, "\n"), strings.Join(served, "\n"))
	}
}
