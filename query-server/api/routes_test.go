package api

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/tillproof/tillproof/query-server/visibility"
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
	s := &server{metrics: newMetrics(nil, nil)}
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

// Who may make a call is said in one place. A route that the table does not know shows what nobody thought of.
func TestTheTableKnowsTheRoutes(t *testing.T) {
	t.Parallel()
	known := map[string][]string{}
	for _, resource := range visibility.Resources {
		for _, call := range resource.Calls {
			known[call] = resource.May()
		}
	}
	s := &server{metrics: newMetrics(nil, nil)}
	for _, r := range s.routes() {
		call := r.method + " " + r.path
		if !slices.Equal(r.roles, known[call]) {
			t.Errorf("%s is open to %v, and by the table to %v", call, r.roles, known[call])
		}
		delete(known, call)
	}
	for call := range known {
		t.Errorf("the table has %s, which is no route", call)
	}
}
