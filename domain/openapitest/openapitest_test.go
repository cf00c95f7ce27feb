package openapitest_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/tillproof/tillproof/domain/openapitest"
)

const document = `{"openapi":"3.1.0","paths":{
	"/v1/things":{"get":{"responses":{
		"200":{"content":{"application/json":{"schema":{"type":"array","items":{"type":"integer"}}}}},
		"404":{"$ref":"#/components/responses/Problem"}}}},
	"/v1/things/{id}":{"get":{"responses":{
		"200":{"content":{"application/json":{"schema":{"type":"string"}}}}}}},
	"/v1/things/all":{"get":{"responses":{
		"200":{"content":{"application/x-ndjson":{"schema":{"type":"integer"}}}}}}}},
	"components":{"responses":{"Problem":{"content":{"application/problem+json":{"schema":{"required":["type"]}}}}}}}`

func TestCheck(t *testing.T) {
	d, err := openapitest.Read([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		path   string
		status int
		kind   string
		body   string
		good   bool
	}{
		"as described":          {"/v1/things", 200, "application/json", `[1,2]`, true},
		"of another schema":     {"/v1/things", 200, "application/json", `["1"]`, false},
		"no JSON":               {"/v1/things", 200, "application/json", `[`, false},
		"of another type":       {"/v1/things", 200, "text/csv", `1`, false},
		"of another status":     {"/v1/things", 503, "application/json", `[1]`, false},
		"no body":               {"/v1/things", 200, "", ``, true},
		"by reference":          {"/v1/things", 404, "application/problem+json", `{"type":"x"}`, true},
		"by reference, and bad": {"/v1/things", 404, "application/problem+json", `{}`, false},
		"with a parameter":      {"/v1/things/a%2Fb", 200, "application/json", `"x"`, true},
		"lines":                 {"/v1/things/all", 200, "application/x-ndjson", "1\n2\n", true},
		"a bad line":            {"/v1/things/all", 200, "application/x-ndjson", "1\n\"2\"\n", false},
		"not described at all":  {"/v2", 200, "text/plain", `x`, true},
	} {
		at, err := url.Parse("http://localhost" + test.path)
		if err != nil {
			t.Fatal(err)
		}
		answer := &http.Response{StatusCode: test.status, Header: http.Header{"Content-Type": {test.kind}}, Request: &http.Request{Method: "GET", URL: at}}
		if err := d.Check(answer, []byte(test.body)); (err == nil) != test.good {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatWasNotSeen(t *testing.T) {
	d, err := openapitest.Read([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	check := func(path string, status int, body string) {
		t.Helper()
		answer := &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/problem+json"}},
			Request: &http.Request{Method: "GET", URL: &url.URL{Path: path}}}
		if err := d.Check(answer, []byte(body)); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	check("/v1/things", 404, "") // nobody looked at the body
	check("/v1/things/all", 200, "")
	if got := d.Unanswered(); !slices.Equal(got, []string{"GET /v1/things", "GET /v1/things/{id}"}) {
		t.Errorf("unanswered: %v", got)
	}
	if got := d.WithoutProblem(); !slices.Equal(got, []string{"GET /v1/things"}) { // the only one that has a problem
		t.Errorf("without a problem: %v", got)
	}
	check("/v1/things", 404, `{"type":"x"}`)
	if got := d.WithoutProblem(); len(got) > 0 {
		t.Errorf("without a problem still: %v", got)
	}
}
