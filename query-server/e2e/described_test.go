package e2e_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/tillproof/tillproof/domain/openapitest"
)

// published are the descriptions of the running servers, by their addresses.
var published struct {
	sync.Mutex
	documents map[string]*openapitest.Document
}

// described gives what a server publishes of itself.
func (s *system) described(t *testing.T, server string) *openapitest.Document {
	t.Helper()
	published.Lock()
	defer published.Unlock()
	if document, known := published.documents[server]; known {
		return document
	}
	response, err := s.client.Get(server + "/v1/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	document, err := openapitest.Read(text)
	if err != nil {
		t.Fatalf("%s: %v", server, err)
	}
	if published.documents == nil {
		published.documents = make(map[string]*openapitest.Document)
	}
	published.documents[server] = document
	return document
}

// checkDescribed holds an answer against what its server publishes: what goes through the ledger only a whole system answers.
func (s *system) checkDescribed(t *testing.T, answer *http.Response, body []byte) {
	t.Helper()
	server := fmt.Sprintf("%s://%s", answer.Request.URL.Scheme, answer.Request.URL.Host)
	if strings.HasPrefix(answer.Request.URL.Path, "/collector/") {
		return // the collector describes its own paths
	}
	if err := s.described(t, server).Check(answer, body); err != nil {
		t.Errorf("%s %s answers otherwise than its description says: %v\n%.1000s", answer.Request.Method, answer.Request.URL, err, body)
	}
}

// The rules of the programme, which the ledger tells.
func TestTheProgrammeIsShown(t *testing.T) {
	t.Parallel()
	sh := running(t).newShop(t)
	var programme struct{ Rules []struct{ Version int } }
	sh.ask("GET", "/v1/programme", sh.as(t, admin), "", http.StatusOK, &programme)
	if len(programme.Rules) == 0 {
		t.Error("no rule is in force")
	}
	sh.ask("GET", "/v1/programme", sh.till, "", http.StatusForbidden, nil)
}
