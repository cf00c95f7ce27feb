package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/query-server/token"
)

// A server is the query server's own program, on one of the databases.
type server struct {
	url    string
	client *http.Client
	issuer token.Issuer
	run    *exec.Cmd
	keys   string // the folder
}

const (
	readyWithin = 20 * time.Second
	stopWithin  = 10 * time.Second
)

// start runs the program, and waits until it answers.
func start(ctx context.Context, c Config, databaseURL string) (*server, error) {
	keys, err := os.MkdirTemp("", "tillproof-query-bench-")
	if err != nil {
		return nil, err
	}
	s := &server{
		url: "http://" + c.Listen, keys: keys,
		// As many connections as anybody has at once: what is measured is the server, not how long a handshake takes.
		client: &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConns: 4000, MaxIdleConnsPerHost: 4000, DisableCompression: true}},
	}
	if err := s.launch(ctx, c, databaseURL); err != nil {
		return nil, errors.Join(fmt.Errorf("start the query server: %w", err), s.stop())
	}
	known, err := token.OpenKeys(filepath.Join(keys, "jwt"))
	if err != nil {
		return nil, errors.Join(err, s.stop())
	}
	s.issuer = token.Issuer{Name: "tillproof", Keys: known, Now: time.Now}
	return s, nil
}

func (s *server) launch(ctx context.Context, c Config, databaseURL string) error {
	log, err := os.Create(filepath.Join(s.keys, "log"))
	if err != nil {
		return err
	}
	defer log.Close() // the process has its own
	s.run = exec.Command(c.Server)
	s.run.Env = []string{"LISTEN_ADDRESS=" + c.Listen, "DATABASE_URL=" + databaseURL, "KEYS_DIR=" + s.keys,
		"GOGC=400", "GOMEMLIMIT=250MiB"} // as scripts/up has it
	s.run.Stderr = log
	if err := s.run.Start(); err != nil {
		return err
	}
	for deadline := time.Now().Add(readyWithin); time.Now().Before(deadline) && ctx.Err() == nil; time.Sleep(100 * time.Millisecond) {
		response, err := s.client.Get(s.url + "/readyz")
		if err != nil {
			continue
		}
		response.Body.Close()
		if response.StatusCode == http.StatusOK {
			return nil
		}
	}
	text, _ := os.ReadFile(log.Name())
	return fmt.Errorf("it is not ready after %s: %s", readyWithin, text)
}

func (s *server) stop() error {
	defer os.RemoveAll(s.keys)
	if s.run == nil || s.run.Process == nil {
		return nil
	}
	if err := s.run.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	kill := time.AfterFunc(stopWithin, func() { s.run.Process.Kill() })
	defer kill.Stop()
	return s.run.Wait()
}

// bearer is a token for somebody, as signing in would give.
func (s *server) bearer(username string, actor hotstate.Actor) (string, error) {
	text, err := s.issuer.Sign(hotstate.Login{Username: username, Actor: actor}, "")
	return "Bearer " + text, err
}

// A question is one request with the token of whoever asks.
type question struct{ path, bearer string }

// ask reads the whole answer and gives its length.
func (s *server) ask(ctx context.Context, q question) (bytes int64, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+q.path, nil)
	if err != nil {
		return 0, err
	}
	request.Header.Set("Authorization", q.bearer)
	response, err := s.client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(response.Body, 1000))
		return 0, fmt.Errorf("%s: %s: %s", q.path, response.Status, text)
	}
	return io.Copy(io.Discard, response.Body)
}
