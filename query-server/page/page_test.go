package page

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func newPage(t *testing.T) *httptest.Server {
	t.Helper()
	handler, err := Handler()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

func get(t *testing.T, url string) (*http.Response, string) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

var reference = regexp.MustCompile(`(?:src=|href=|from |import )"(\.?/[^"#]*\.[a-z]+)"`)

// Whatever the page or one of its scripts asks for is there, with a media type that browsers take under nosniff.
func TestEveryFileOfThePageIsThere(t *testing.T) {
	t.Parallel()
	server := newPage(t)
	seen := map[string]bool{}
	open := []string{"/"}
	for len(open) > 0 {
		name := open[0]
		open = open[1:]
		response, body := get(t, server.URL+name)
		if response.StatusCode != 200 || response.Header.Get("Content-Type") == "" {
			t.Errorf("%s: %s, %q", name, response.Status, response.Header.Get("Content-Type"))
		}
		for _, match := range reference.FindAllStringSubmatch(body, -1) {
			next := "/" + strings.TrimLeft(match[1], "./")
			if !seen[next] && !strings.HasPrefix(next, "/v1/") {
				seen[next] = true
				open = append(open, next)
			}
		}
	}
	for _, script := range []string{"/app.js", "/format.js", "/currencies.js", "/style.css"} {
		if !seen[script] {
			t.Errorf("nothing refers to %s", script)
		}
	}
}

// The policy forbids inline scripts and styles, so the page must have none; and nothing may be made of text as HTML.
func TestPolicy(t *testing.T) {
	t.Parallel()
	response, _ := get(t, newPage(t).URL)
	policy := response.Header.Get("Content-Security-Policy")
	for _, rule := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, rule) {
			t.Errorf("the policy lacks %s: %s", rule, policy)
		}
	}
	if strings.Contains(policy, "unsafe") {
		t.Errorf("the policy is open: %s", policy)
	}
	files, err := load()
	if err != nil {
		t.Fatal(err)
	}
	forbidden := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|<script>|<style| style="| on[a-z]+="|https?://`)
	for name, file := range files {
		content := bytes.ReplaceAll(file.content, []byte(`xmlns="http://www.w3.org/2000/svg"`), nil)
		if found := forbidden.Find(content); found != nil {
			t.Errorf("%s holds %q", name, found)
		}
	}
}

func TestUnchangedFilesAreNotSentAgain(t *testing.T) {
	t.Parallel()
	server := newPage(t)
	first, _ := get(t, server.URL+"/app.js")
	request, err := http.NewRequest("GET", server.URL+"/app.js", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("If-None-Match", first.Header.Get("ETag"))
	second, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	second.Body.Close()
	if second.StatusCode != http.StatusNotModified {
		t.Errorf("again: %s", second.Status)
	}
}

func TestCurrenciesOfUnusualDigits(t *testing.T) {
	t.Parallel()
	_, body := get(t, newPage(t).URL+"/currencies.js")
	for _, want := range []string{`"JPY":0`, `"KWD":3`} {
		if !strings.Contains(body, want) {
			t.Errorf("%s is missing in %s", want, body)
		}
	}
	if strings.Contains(body, "EUR") {
		t.Error("two digits are the rule and need not be told")
	}
}
