package e2e_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
)

const (
	slowClients = 20               // of each kind
	endless     = 90 * time.Second // a connection that is open for so long, no server ends
)

// A slowClient sends how it begins at once, and from then on next to nothing, or takes nothing.
type slowClient struct {
	name, server, begin string
	takesNothing        bool
}

// Whoever sends a request byte by byte, or takes no answer, is let go after a while by both servers, also by way of the one
// to the other; and they answer everybody else meanwhile.
func TestSlowClientsAreLetGo(t *testing.T) {
	t.Parallel()
	sh := running(t).newShop(t)
	query, collector := sh.env["TILLPROOF_QUERY_URL"], sh.env["TILLPROOF_COLLECTOR_URL"]
	ticket := func(prefix string) string {
		return fmt.Sprintf("POST %s/v1/tickets HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nIdempotency-Key: %s\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{", prefix, sh.till, uuid.NewString())
	}
	many := strings.Repeat("GET /v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n", 5000)
	var wait sync.WaitGroup
	for _, client := range []slowClient{
		{name: "header", server: query, begin: "GET /v1/sales HTTP/1.1\r\nHost: localhost\r\nX-Slow: "},
		{name: "header", server: collector, begin: "GET /v1/stores HTTP/1.1\r\nHost: localhost\r\nX-Slow: "},
		{name: "body", server: query, begin: "POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 8000\r\n\r\n{"},
		{name: "body", server: collector, begin: ticket("")},
		{name: "body to the collector", server: query, begin: ticket("/collector")},
		{name: "reader", server: query, begin: many, takesNothing: true},
		{name: "reader", server: collector, begin: many, takesNothing: true},
	} {
		for range slowClients {
			wait.Go(func() {
				if err := client.run(); err != nil {
					t.Errorf("a slow %s of %s: %v", client.name, client.server, err)
				}
			})
		}
	}
	for _, server := range []string{query, collector} {
		for range 20 {
			response, err := sh.client.Get(server + "/healthz")
			if err != nil {
				t.Fatalf("among slow clients %s does not answer: %v", server, err)
			}
			response.Body.Close()
			if response.StatusCode != http.StatusOK {
				t.Errorf("among slow clients %s answers %s", server, response.Status)
			}
		}
	}
	wait.Wait()
}

// run goes on until the server ends the connection; if it does not, that is the error.
func (c slowClient) run() error {
	at, err := url.Parse(c.server)
	if err != nil {
		return err
	}
	connection, err := net.Dial("tcp", at.Host)
	if err != nil {
		return err
	}
	defer connection.Close()
	if err := connection.SetDeadline(time.Now().Add(endless)); err != nil {
		return err
	}
	ended := make(chan error, 1)
	if !c.takesNothing {
		go func() {
			_, err := io.Copy(io.Discard, connection)
			ended <- err
		}()
	}
	_, err = io.WriteString(connection, c.begin)
	for err == nil {
		select {
		case err = <-ended:
			if err == nil {
				return nil
			}
		case <-time.After(time.Second):
			_, err = io.WriteString(connection, "x")
		}
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Errorf("it is still connected after %s", endless)
	}
	return nil // reset, as good as ended
}

// A header that is too long is refused, not kept.
func TestLongHeaders(t *testing.T) {
	t.Parallel()
	s := running(t)
	for _, name := range []string{"TILLPROOF_QUERY_URL", "TILLPROOF_COLLECTOR_URL"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.env[name]+"/healthz", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Long", strings.Repeat("x", 64<<10))
		response, err := s.client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("%s answers %s", name, response.Status)
		}
	}
}
