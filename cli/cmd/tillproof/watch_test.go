package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// asProgram makes the test's own executable run as tillproof.
const asProgram = "TILLPROOF_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// books are those of a collector that fails in every way: what it took, and how
// often it took it for new.
type books struct {
	mu       sync.Mutex
	accepted map[string]int
	dice     *rand.Rand
	reliable bool
}

func (b *books) roll(in int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.reliable && b.dice.IntN(in) == 0
}

func (b *books) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if b.roll(5) {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	control := http.NewResponseController(w)
	_ = control.EnableFullDuplex()
	lines := bufio.NewScanner(r.Body)
	for number := 1; lines.Scan(); number++ {
		status := b.take(lines.Bytes())
		if b.roll(150) { // taken, and never answered
			panic(http.ErrAbortHandler)
		}
		fmt.Fprintf(w, `{"line":%d,"status":%q}`+"\n", number, status)
		_ = control.Flush()
	}
	fmt.Fprintln(w, `{"summary":{}}`)
}

func (b *books) take(line []byte) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var ticket struct{ ID string }
	if err := json.Unmarshal(line, &ticket); err != nil || strings.HasPrefix(ticket.ID, "bad") {
		return "rejected"
	}
	if b.accepted[ticket.ID] > 0 {
		return "duplicate"
	}
	b.accepted[ticket.ID]++
	return "accepted"
}

// dropped is a file that was put into the folder.
type dropped struct {
	sum [sha256.Size]byte
	bad []string // ids that are refused
}

// drop puts a file of tickets into the folder, by renaming or in place.
func drop(t *testing.T, folder string, number int, dice *rand.Rand) (string, dropped, []string) {
	t.Helper()
	var text strings.Builder
	var file dropped
	var good []string
	for i := range 1 + dice.IntN(40) {
		id := fmt.Sprintf("good-%d-%d", number, i)
		if dice.IntN(10) == 0 {
			id = fmt.Sprintf("bad-%d-%d", number, i)
			file.bad = append(file.bad, id)
		} else {
			good = append(good, id)
		}
		fmt.Fprintf(&text, `{"id":%q}`+"\n", id)
	}
	file.sum = sha256.Sum256([]byte(text.String()))
	name := fmt.Sprintf("sales-%d.ndjson", number)
	path := filepath.Join(folder, name)
	inPlace := dice.IntN(2) == 0
	if !inPlace {
		path += ".tmp"
	}
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if !inPlace {
		if err := os.Rename(path, filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	return name, file, good
}

// startWatch runs tillproof in a process of its own.
func startWatch(t *testing.T, url, folder, logPath string) *exec.Cmd {
	t.Helper()
	log, err := os.OpenFile(logPath, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close() // the process has its own
	watch := exec.Command(os.Args[0], "upload", "--watch", "--settle", "40ms", "--retry-for", "200ms", folder)
	watch.Env = append(os.Environ(), asProgram+"=1", "TILLPROOF_TOKEN=secret", "TILLPROOF_COLLECTOR_URL="+url)
	watch.Stderr = log
	if err := watch.Start(); err != nil {
		t.Fatal(err)
	}
	return watch
}

// Switched off at any moment, again and again, under a collector that fails as
// well: every ticket is taken once, and every file is where it belongs.
func TestWatchIsKilledAtAnyMoment(t *testing.T) {
	const kills, files = 40, 120
	seed := uint64(time.Now().UnixNano())
	dice := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	books := &books{accepted: map[string]int{}, dice: rand.New(rand.NewPCG(seed, 1))}
	server := httptest.NewServer(books)
	defer server.Close()
	folder, logs := t.TempDir(), t.TempDir()
	log, lastLog := filepath.Join(logs, "log"), filepath.Join(logs, "last")
	all, good := map[string]dropped{}, []string(nil)
	for round := range kills {
		watch := startWatch(t, server.URL, folder, log)
		for range files / kills {
			name, file, ids := drop(t, folder, len(all), dice)
			all[name], good = file, append(good, ids...)
		}
		time.Sleep(time.Duration(20+dice.IntN(400)) * time.Millisecond)
		if err := watch.Process.Kill(); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		_ = watch.Wait() // killed, as it should be
	}
	books.mu.Lock()
	t.Logf("%d of %d tickets taken before the last kill", len(books.accepted), len(good))
	books.reliable = true
	books.mu.Unlock()

	watch := startWatch(t, server.URL, folder, lastLog)
	waitFor(t, func() bool { return countMatches(t, folder, "sales-*.ndjson") == 0 })
	waitFor(t, func() bool { return strings.Contains(read(lastLog), "watching") }) // from then on it can be stopped
	if err := watch.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := watch.Wait(); err != nil {
		t.Errorf("stopped, the watch ends with %v", err)
	}
	checkBooks(t, books, good)
	checkShelf(t, folder, all)
	if t.Failed() {
		t.Log(read(log), read(lastLog))
	}
}

func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Error("waited for a minute in vain")
			return
		}
	}
}

func read(path string) string {
	content, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	return string(content)
}

func countMatches(t *testing.T, elements ...string) int {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(elements...))
	if err != nil {
		t.Fatal(err)
	}
	return len(found)
}

func checkBooks(t *testing.T, books *books, good []string) {
	t.Helper()
	for _, id := range good {
		if times := books.accepted[id]; times != 1 {
			t.Errorf("ticket %s was taken %d times", id, times)
		}
	}
	if len(books.accepted) != len(good) {
		t.Errorf("%d tickets were taken, want %d", len(books.accepted), len(good))
	}
}

func checkShelf(t *testing.T, folder string, all map[string]dropped) {
	t.Helper()
	for name, file := range all {
		paths, err := filepath.Glob(filepath.Join(folder, "done", "*", name))
		if err != nil || len(paths) != 1 {
			t.Errorf("%s is in done %d times, %v", name, len(paths), err)
			continue
		}
		if content, err := os.ReadFile(paths[0]); err != nil || sha256.Sum256(content) != file.sum {
			t.Errorf("%s is not what was dropped, %v", name, err)
		}
		stem := strings.TrimSuffix(name, ".ndjson")
		refused, err := filepath.Glob(filepath.Join(folder, "refused", stem+".*.rejected"))
		if want := min(1, len(file.bad)); err != nil || len(refused) != want {
			t.Errorf("%s: %d files of refused tickets, want %d, %v", name, len(refused), want, err)
			continue
		}
		for _, path := range refused {
			content, err := os.ReadFile(path)
			if err != nil || strings.Count(string(content), "\n") != len(file.bad) {
				t.Errorf("%s: %v, want %d lines:\n%s", path, err, len(file.bad), content)
			}
			for _, id := range file.bad {
				if !strings.Contains(string(content), `"ticket":{"id":"`+id+`"}`) {
					t.Errorf("%s: %s is missing", path, id)
				}
			}
		}
	}
	if strays := countMatches(t, folder, "*.ndjson") + countMatches(t, folder, "refused", ".*"); strays > 0 {
		t.Errorf("%d files are left over", strays)
	}
}
