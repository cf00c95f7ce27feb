package api_test

import (
	"context"
	"encoding/csv"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/query-server/visibility"
)

// Every call of the table, as every user: who may not ask at all is told so, who has no token is not let in.
func TestWhoMayAsk(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	for _, resource := range visibility.Resources {
		for _, call := range resource.Calls {
			method, path, _ := strings.Cut(call, " ")
			path = strings.NewReplacer("{id}", "00000000-0000-4000-8000-000000000009", "{storeId}", "none", "{lineRef}", "none").Replace(path)
			for header, value := range map[string]string{"Authorization": "Bearer x", "X-Role": "admin", "Cookie": "tillproof-access=x"} {
				if got := s.do(method, path, "", header, value, "Origin", s.URL); got.StatusCode != 401 || got.Header.Get("WWW-Authenticate") == "" {
					t.Errorf("%s with %s: %s: %d", call, header, value, got.StatusCode)
				}
			}
			if resource.Name == visibility.Session.Name {
				continue // the own one is everybody's
			}
			for _, name := range slices.Sorted(maps.Keys(users)) {
				got := s.ask(method, name, path)
				allowed := resource.Of(users[name].Role) != visibility.Nothing
				if allowed == (got == 403) {
					t.Errorf("%s as %s: %d", call, name, got)
				}
			}
		}
	}
}

// Whatever a probe shows to a user is exactly what the table says, item by item: own, all, or nothing.
func TestEachSeesExactlyTheirOwn(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	s.checkProbes(t)
}

// The same with the database's guard taken away: no row-level security, and every column granted. What is shown may not
// change, since each query narrows to its caller by itself.
func TestTheHandlersHoldByThemselves(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	s.takeDatabasesGuardAway(t)
	s.checkProbes(t)
}

// And what is proven: who holds a ticket gets its proof, and nobody else.
func TestTheHandlersHoldProofsByThemselves(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	record(t, s)
	s.takeDatabasesGuardAway(t)
	for user, want := range map[string]int{"customer-a": 200, "chain": 200, "customer-b": 404, "elsewhere": 404, "north": 404, "maker-1": 403, "admin": 403} {
		if got := s.ask("GET", user, "/v1/tickets/"+provenID+"/proof"); got != want {
			t.Errorf("the proof of a ticket as %s: %d, want %d", user, got, want)
		}
	}
	for owner, other := range map[string]string{"maker-1": "maker-2", "maker-2": "maker-1"} {
		refs := items("{lineRef}")(s.get(owner, "/v1/sales/lines").body)
		if len(refs) == 0 {
			t.Fatalf("%s has no lines", owner)
		}
		for _, ref := range refs {
			if got := s.ask("GET", other, "/v1/sales/lines/"+ref+"/proof"); got != 404 {
				t.Errorf("%s proves a line of %s: %d", other, owner, got)
			}
		}
	}
}

func (s *testServer) takeDatabasesGuardAway(t *testing.T) {
	t.Helper()
	rows, err := s.db.Owner.Query(context.Background(), `
		select format('alter table %s.%s no force row level security, disable row level security', schemaname, tablename)
		from pg_tables where schemaname in ('book', 'view')
		union all
		select format('grant select on all tables in schema book, view to %I', rolname)
		from pg_roles where rolname like 'tillproof\_%'`)
	if err != nil {
		t.Fatal(err)
	}
	statements, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.db.Owner.Exec(context.Background(), strings.Join(statements, ";")); err != nil {
		t.Fatal(err)
	}
}

func (s *testServer) checkProbes(t *testing.T) {
	t.Helper()
	probed := map[string]bool{}
	for _, p := range probes {
		probed[p.resource.Name] = true
		all := s.truth(t, p)
		for _, name := range slices.Sorted(maps.Keys(users)) {
			actor := users[name]
			reach := p.resource.Of(actor.Role)
			shown, allowed := s.probe(t, name, p, all)
			if allowed != (reach != visibility.Nothing) {
				t.Errorf("%s as %s: may ask: %t", p.path, name, allowed)
			}
			if !allowed {
				continue
			}
			wanted := map[string]bool{}
			for _, thing := range all {
				if reach == visibility.All || mine(actor, thing[1], thing[2], thing[3], thing[4]) {
					wanted[thing[0]] = true
				}
			}
			slices.Sort(shown)
			if want := slices.Sorted(maps.Keys(wanted)); !slices.Equal(shown, want) {
				t.Errorf("%s as %s shows\n%q, not\n%q", p.path, name, shown, want)
			}
		}
	}
	for _, resource := range visibility.Resources {
		if !probed[resource.Name] && !unprobed[resource.Name] {
			t.Errorf("nothing asks for %s", resource.Name)
		}
	}
}

// unprobed shows nothing: the own session is tested with the sessions.
var unprobed = map[string]bool{visibility.Session.Name: true}

// probe asks as a user, and gives what is shown; false if the user may not ask at all.
func (s *testServer) probe(t *testing.T, user string, p probe, all [][5]string) (shown []string, allowed bool) {
	t.Helper()
	if p.shown != nil {
		got := s.get(user, p.path)
		if got.StatusCode == 403 {
			return nil, false
		}
		if got.StatusCode != 200 {
			t.Errorf("%s as %s: %d %s", p.path, user, got.StatusCode, got.body)
			return nil, true
		}
		return p.shown(got.body), true
	}
	for _, thing := range all {
		path := strings.Replace(p.path, "{}", url.PathEscape(thing[0]), 1)
		switch got := s.get(user, path); got.StatusCode {
		case 200:
			shown = append(shown, thing[0])
		case 403:
			return nil, false
		case 404:
		default:
			t.Errorf("%s as %s: %d %s", path, user, got.StatusCode, got.body)
		}
	}
	return shown, true
}

func (s *testServer) truth(t *testing.T, p probe) [][5]string {
	t.Helper()
	rows, err := s.db.Owner.Query(context.Background(), p.truth)
	if err != nil {
		t.Fatalf("%s: %v", p.path, err)
	}
	things, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (thing [5]string, err error) {
		return thing, row.Scan(&thing[0], &thing[1], &thing[2], &thing[3], &thing[4])
	})
	if err != nil || len(things) == 0 {
		t.Fatalf("%s: %d things, %v", p.path, len(things), err)
	}
	return things
}

// ask gives the status that a user gets, and reads no further: a stream does not end.
func (s *testServer) ask(method, username, path string) int {
	s.t.Helper()
	request, err := http.NewRequest(method, s.URL+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+s.bearer(username))
	response, err := s.Client().Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	response.Body.Close()
	s.checkDescribed(response, nil)
	return response.StatusCode
}

func readCSV(text string) [][]string {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		panic(err)
	}
	return rows
}
