package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// collector accepts every line but "bad".
func collector(t *testing.T) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer secret" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		body, _ := io.ReadAll(r.Body)
		for i, line := range strings.Split(strings.TrimSpace(string(body)), "\n") {
			status := "accepted"
			if line == "bad" {
				status = "rejected"
			}
			fmt.Fprintf(w, `{"line":%d,"status":%q}`+"\n", i+1, status)
		}
		fmt.Fprintln(w, `{"summary":{}}`)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// tillproof runs the program as a shell would.
func tillproof(environment map[string]string, stdin string, arguments ...string) (code int, stdout, stderr string) {
	var out, complaints strings.Builder
	code = run(context.Background(), program{
		configuration: readConfiguration(func(name string) string { return environment[name] }),
		stdin:         strings.NewReader(stdin),
		stdout:        &out,
		stderr:        &complaints,
	}, arguments)
	return code, out.String(), complaints.String()
}

func TestExitCodes(t *testing.T) {
	url, folder := collector(t), t.TempDir()
	file := filepath.Join(folder, "-odd name.ndjson")
	if err := os.WriteFile(file, []byte("{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"TILLPROOF_TOKEN": "secret", "TILLPROOF_COLLECTOR_URL": url}
	nobody := map[string]string{"TILLPROOF_COLLECTOR_URL": url}
	for _, test := range []struct {
		environment map[string]string
		arguments   []string
		stdin       string
		code        int
		want        string // in what is shown
	}{
		{env, nil, "", 2, "upload"},
		{env, []string{"help"}, "", 0, "simulate"},
		{env, []string{"--help"}, "", 0, "simulate"},
		{env, []string{"help", "upload"}, "", 0, "--rejected FILE"},
		{env, []string{"upload", "-h"}, "", 0, "--rejected FILE"},
		{env, []string{"simulate", "--help"}, "", 0, "--seed N"},
		{env, []string{"uplaod"}, "", 2, "no command \"uplaod\""},
		{env, []string{"upload"}, "", 2, "no PATH"},
		{env, []string{"upload", "--tokn", "x"}, "", 2, "-tokn"},
		{env, []string{"upload", "--format", "csv", "-"}, "", 2, "there is eterticket, ticket"},
		{env, []string{"upload", "--watch"}, "", 2, "one folder"},
		{env, []string{"upload", "--watch", folder, folder}, "", 2, "one folder"},
		{env, []string{"upload", "--watch", "-"}, "", 2, "one folder"},
		{env, []string{"upload", "--watch", "--rejected", "x", folder}, "", 2, "refused"},
		{env, []string{"upload", "--watch", "--settle", "0s", folder}, "", 2, "no time"},
		{env, []string{"upload", "--watch", file}, "", 1, "not a directory"},
		{env, []string{"upload", "--url", "http://0.0.0.0:1", "--retry-for", "1ms", "-"}, "{}", 1, "not encrypted"},
		{env, []string{"upload", "--format", "eterticket", "-"}, "no key", 1, "not sent: the first line must be the key"},
		{env, []string{"upload", "--retry-for", "soon", "-"}, "", 2, "retry-for"},
		{nobody, []string{"upload", "-"}, "{}", 2, "TILLPROOF_TOKEN"},
		{env, []string{"upload", "--url", "nowhere", "-"}, "{}", 1, "nowhere"},
		{env, []string{"upload", "-"}, "{}\n{}\n", 0, "2 tickets: 2 accepted"},
		{env, []string{"upload", "-"}, "", 0, "0 tickets"},
		{env, []string{"upload", "-"}, "{}\nbad\n", 1, "1 rejected"},
		{env, []string{"upload", file, "--url", url}, "", 0, "1 ticket: 1 accepted"},
		{env, []string{"upload", "--", file, "-"}, "{}", 0, "2 tickets"},
		{env, []string{"upload", filepath.Join(folder, "missing")}, "", 1, "missing"},
		{env, []string{"simulate"}, "", 2, "no folder"},
		{env, []string{"simulate", "--out", folder, "--stores", "0"}, "", 2, "stores: 0"},
		{env, []string{"simulate", "--out", folder, "--to", "2999-01-01"}, "", 2, "not past"},
		{env, []string{"simulate", "--out", folder, "--from", "1.2.2026"}, "", 2, "YYYY-MM-DD"},
		{env, []string{"simulate", folder}, "", 2, "--out"},
		{env, []string{"simulate", "--out", file}, "", 1, "odd name"},
	} {
		code, stdout, stderr := tillproof(test.environment, test.stdin, test.arguments...)
		if code != test.code || !strings.Contains(stdout+stderr, test.want) {
			t.Errorf("%q: exit code %d, want %d with %q in\n%s%s", test.arguments, code, test.code, test.want, stdout, stderr)
		}
		if test.code == exitGood && stderr != "" {
			t.Errorf("%q: complains %q", test.arguments, stderr)
		}
	}
}

// What is simulated can be uploaded as it is.
func TestSimulatedFolderUploads(t *testing.T) {
	env := map[string]string{"TILLPROOF_TOKEN": "secret", "TILLPROOF_COLLECTOR_URL": collector(t)}
	folder := filepath.Join(t.TempDir(), "chain")
	if code, stdout, stderr := tillproof(env, "", "simulate", "--out", folder, "--tickets", "300"); code != 0 {
		t.Fatal(stdout, stderr)
	}
	code, stdout, stderr := tillproof(env, "", "upload", folder)
	if code != 0 || !strings.HasPrefix(stdout, "300 tickets: 300 accepted, 0 duplicate, 0 rejected in ") {
		t.Errorf("exit code %d: %s%s", code, stdout, stderr)
	}
	if strings.Count(stderr, "passed over") != 4 {
		t.Errorf("registrations: %s", stderr)
	}
}
