package demo

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tillproof/tillproof/network/servers"
)

// newLoader talks to a server that lets everybody in and answers by path.
func newLoader(t *testing.T, answer func(w http.ResponseWriter, r *http.Request)) Loader {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/sessions" {
			fmt.Fprint(w, `{"accessToken":"token"}`)
			return
		}
		if r.Header.Get("Authorization") != "Bearer token" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	return Loader{
		Servers:   servers.Servers{Collector: server.URL, Query: server.URL},
		Passwords: map[string]string{},
		Progress:  func(m string) { t.Log(m) },
	}
}

func TestAwaitRecordedWaitsForWhatIsMissing(t *testing.T) {
	asked := 0
	l := newLoader(t, func(w http.ResponseWriter, r *http.Request) {
		asked++
		fmt.Fprintf(w, `{"accepted":9,"recorded":%d,"rejected":1,"missing":%d,"conflicts":1}`, 5+asked, 3-asked)
	})
	got, err := l.AwaitRecorded(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if want := (Reconciliation{Accepted: 9, Recorded: 8, Rejected: 1}); got != want {
		t.Errorf("reconciliation is %+v, want %+v", got, want)
	}
}

func TestSoldAddsUpPagesAndCurrencies(t *testing.T) {
	pages := map[string]string{
		"": `{"items":[{"currencyCode":"EUR","unitsSold":"2.5","unitsReturned":"0","amountNet":250},
			{"currencyCode":"USD","unitsSold":4,"unitsReturned":-1,"amountNet":"300"}],"nextCursor":"n/1"}`,
		"n/1": `{"items":[{"currencyCode":"EUR","unitsSold":"1","unitsReturned":"1","amountNet":-5}]}`,
	}
	l := newLoader(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, pages[r.URL.Query().Get("cursor")])
	})
	sold, err := l.Sold(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if got := sold.Units.FloatString(1); got != "5.5" {
		t.Errorf("units = %s, want 5.5: 7.5 sold, 2 returned", got)
	}
	if eur, usd := sold.Amounts["EUR"].FloatString(0), sold.Amounts["USD"].FloatString(0); eur != "245" || usd != "300" {
		t.Errorf("amounts are %s EUR and %s USD, want 245 and 300", eur, usd)
	}
}

func TestARefusedRowIsNamed(t *testing.T) {
	l := newLoader(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, `{"line":1,"status":"created"}`)
		fmt.Fprintln(w, `{"line":2,"status":"rejected","problem":{"title":"Unknown time zone","detail":"Mars/Base"}}`)
	})
	admin, err := l.SignIn(context.Background(), Admin, "")
	if err != nil {
		t.Fatal(err)
	}
	err = sendLines(context.Background(), admin, l.Collector+"/v1/registrations/stores", strings.NewReader("{}\n{}\n"))
	if err == nil || !strings.Contains(err.Error(), "line 2 was refused: Unknown time zone Mars/Base") {
		t.Errorf("error = %v, want one that names the line and the reason", err)
	}
}

func TestAProblemIsTold(t *testing.T) {
	l := newLoader(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprint(w, `{"title":"Backlog is full","detail":"retry in 5 s"}`)
	})
	_, err := l.Points(context.Background())
	if err == nil || !strings.Contains(err.Error(), "503") || !strings.Contains(err.Error(), "Backlog is full retry in 5 s") {
		t.Errorf("error = %v, want status and problem", err)
	}
}
