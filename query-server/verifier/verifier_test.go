package verifier

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var others = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })

func serve(t *testing.T, dir string) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(New(dir, others))
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

func TestThePageAndItsFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, content := range map[string]string{programFile: "\x00asm", supportFile: "// support", pinsFile: `{"operator":"k"}`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	server := serve(t, dir)
	for path, want := range map[string]struct {
		status     int
		kind, body string
	}{
		"/verify":              {200, "text/html; charset=utf-8", "Verify a receipt"},
		"/verify/verify.js":    {200, "text/javascript; charset=utf-8", "tillproofVerify"},
		"/verify/wasm_exec.js": {200, "text/javascript; charset=utf-8", "// support"},
		"/verify/verify.wasm":  {200, "application/wasm", "\x00asm"},
		"/verify/pins.json":    {200, "application/json", `{"operator":"k"}`},
		"/verify/../secret":    {404, "", ""},
		"/verify/other":        {404, "", ""},
		"/verifying":           {418, "", ""},
		"/":                    {418, "", ""},
	} {
		response, body := get(t, server.URL+path)
		if response.StatusCode != want.status || want.kind != "" && response.Header.Get("Content-Type") != want.kind || !strings.Contains(body, want.body) {
			t.Errorf("%s: %s, %s, %.60q", path, response.Status, response.Header.Get("Content-Type"), body)
		}
	}
}

// WebAssembly is allowed here, and nothing else that the other pages forbid; no script or style stands in the HTML.
func TestPolicy(t *testing.T) {
	t.Parallel()
	response, page := get(t, serve(t, "").URL+"/verify")
	policy := response.Header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "script-src 'self' 'wasm-unsafe-eval';") || strings.Contains(policy, "'unsafe") || !strings.Contains(policy, "default-src 'none'") {
		t.Errorf("the policy is %s", policy)
	}
	_, script := get(t, serve(t, "").URL+"/verify/verify.js")
	forbidden := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|<script>|<style| style="| on[a-z]+="|https?://`)
	if found := forbidden.FindString(page + script); found != "" {
		t.Errorf("the page holds %q", found)
	}
	for _, field := range regexp.MustCompile(`"([a-zA-Z]+)"`).FindAllStringSubmatch(regexp.MustCompile(`const fields = .*`).FindString(script), -1) {
		if !strings.Contains(page, `id="`+field[1]+`"`) {
			t.Errorf("the page has no field %s", field[1])
		}
	}
}

func TestWithoutAVerifierThePageSaysSo(t *testing.T) {
	t.Parallel()
	server := serve(t, "")
	for path, want := range map[string]int{"/verify": 200, "/verify/verify.wasm": 404, "/verify/wasm_exec.js": 404, "/verify/pins.json": 200} {
		response, body := get(t, server.URL+path)
		if response.StatusCode != want || want == 404 && !strings.Contains(body, "tillproof verify") {
			t.Errorf("%s: %s %s", path, response.Status, body)
		}
	}
	response, err := http.Post(server.URL+"/verify", "text/plain", nil)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: %s", response.Status)
	}
}

func TestTheProgramTravelsPackedAndOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, programFile), []byte(strings.Repeat("same ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	url := serve(t, dir).URL + "/verify/verify.wasm"
	request := func(header, value string) *http.Response {
		r, err := http.NewRequest("GET", url, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set(header, value)
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		return response
	}
	packed := request("Accept-Encoding", "gzip")
	if packed.Header.Get("Content-Encoding") != "gzip" || packed.ContentLength > 200 {
		t.Errorf("%s, %d bytes", packed.Header.Get("Content-Encoding"), packed.ContentLength)
	}
	if again := request("If-None-Match", packed.Header.Get("ETag")); again.StatusCode != http.StatusNotModified {
		t.Errorf("again: %s", again.Status)
	}
	if plain := request("Accept-Encoding", "identity"); plain.Header.Get("Content-Encoding") != "" || plain.ContentLength != 5000 {
		t.Errorf("plain: %d bytes", plain.ContentLength)
	}
}
