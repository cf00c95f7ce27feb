package upload

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// lockedBuilder is a log that is read while it is written.
type lockedBuilder struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *lockedBuilder) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuilder) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// watchUntil follows the folder until done, and returns the log.
func watchUntil(t *testing.T, c *testCollector, folder string, done func(log string) bool, changes ...func(*WatchOptions)) string {
	t.Helper()
	var log lockedBuilder
	options := WatchOptions{
		Destination: c.destination(), Folder: folder, Format: "ticket", Settle: 10 * time.Millisecond, Log: &log,
	}
	for _, change := range changes {
		change(&options)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ended := make(chan error)
	go func() { ended <- Watch(ctx, options) }()
	for !done(log.String()) {
		select {
		case err := <-ended:
			t.Fatalf("the watch ended early: %v\n%s", err, log.String())
		case <-time.After(5 * time.Millisecond):
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("the watch ended with %v", err)
	}
	return log.String()
}

// filesIn lists the files below a folder, hidden ones but the lock included,
// with the day of today as DAY.
func filesIn(t *testing.T, folder string) []string {
	t.Helper()
	var files []string
	err := filepath.Walk(folder, func(path string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() && info.Name() != ".watch.lock" {
			path, err = filepath.Rel(folder, path)
			files = append(files, strings.Replace(path, time.Now().Format(time.DateOnly), "DAY", 1))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// noneLeft reports whether the folder holds none of the files.
func noneLeft(folder string, names ...string) func(string) bool {
	return func(string) bool {
		return !slices.ContainsFunc(names, func(name string) bool {
			_, err := os.Lstat(filepath.Join(folder, name))
			return err == nil
		})
	}
}

func TestDroppedFilesGoWhereTheyBelong(t *testing.T) {
	refused := `{"transactionId":"refused","amount":-5}`
	folder := writeFiles(t, map[string]string{
		"a.ndjson": ticketLines(0, 3), "b.json": one, "c.ndjson.gz": zipped(t, ticketLines(3, 2)),
		"mixed.ndjson.zst": zstandard(t, ticketLines(5, 1)+refused+"\nbroken\n"),
		"cut.ndjson.gz":    zipped(t, ticketLines(9, 5000))[:9000], "empty.json": "",
		".hidden.ndjson": one, "coming.ndjson.tmp": one, "note.txt": "no ticket", "stores.ndjson": "{}",
		"below/d.ndjson": one, "done/x": "", "refused/.rejected.partial": "left over",
	})
	collector := newTestCollector(t)
	log := watchUntil(t, collector, folder, noneLeft(folder, "a.ndjson", "b.json", "c.ndjson.gz", "mixed.ndjson.zst", "cut.ndjson.gz", "empty.json"))
	got := filesIn(t, folder)
	var mixed, cut string
	for i, name := range got {
		switch {
		case strings.HasPrefix(name, "refused/mixed."):
			mixed, got[i] = name, "refused/mixed"
		case strings.HasPrefix(name, "refused/cut.") && strings.HasSuffix(name, ".problem.json"):
			got[i] = "refused/cut, problem"
		case strings.HasPrefix(name, "refused/cut."):
			cut, got[i] = name, "refused/cut"
		}
	}
	want := []string{
		".hidden.ndjson", "below/d.ndjson", "coming.ndjson.tmp",
		"done/DAY/a.ndjson", "done/DAY/b.json", "done/DAY/c.ndjson.gz", "done/DAY/empty.json", "done/DAY/mixed.ndjson.zst",
		"done/x", "note.txt", "refused/cut", "refused/cut, problem", "refused/mixed", "stores.ndjson",
	}
	if !slices.Equal(got, want) {
		t.Fatalf("files %q\nwant  %q\n%s", got, want, log)
	}
	content, err := os.ReadFile(filepath.Join(folder, mixed))
	if err != nil {
		t.Fatal(err)
	}
	var kept rejectedTicket
	first, second, _ := strings.Cut(string(content), "\n")
	if err := json.Unmarshal([]byte(first), &kept); err != nil || string(kept.Ticket) != refused || kept.Line != 2 ||
		kept.File != "mixed.ndjson.zst" || kept.Remedy != remedyMend || !strings.Contains(string(kept.Problem), "total-mismatch") {
		t.Errorf("kept: %s, %v", content, err)
	}
	if !strings.Contains(second, `"text":"broken"`) {
		t.Errorf("kept: %s", content)
	}
	problem, err := os.ReadFile(filepath.Join(folder, cut) + ".problem.json")
	if err != nil || !strings.Contains(string(problem), "unexpected EOF") || !strings.Contains(string(problem), remedyUnsent) {
		t.Errorf("problem: %s, %v", problem, err)
	}
	if !strings.Contains(log, "a.ndjson: 3 tickets: 3 accepted, 0 duplicate, 0 rejected; it is in done/") {
		t.Errorf("log: %s", log)
	}
}

// A step that was taken already, and is taken again after a loss of power,
// changes nothing. Another file of the same name replaces nothing.
func TestStepsCanBeTakenAgain(t *testing.T) {
	collector, folder := newTestCollector(t), t.TempDir()
	path := filepath.Join(folder, "sales.ndjson")
	refused := `{"transactionId":"refused","amount":-5}` + "\n"
	for round, content := range []string{one + "\n" + refused, one + "\n" + refused, refused} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		watchUntil(t, collector, folder, noneLeft(folder, "sales.ndjson"))
		kept, err := filepath.Glob(filepath.Join(folder, "refused", "*"))
		if want := []int{1, 1, 2}[round]; err != nil || len(kept) != want {
			t.Errorf("round %d: %q in refused, want %d", round, kept, want)
		}
		done, err := filepath.Glob(filepath.Join(folder, "done", "*", "*"))
		if err != nil || len(done) != round+1 {
			t.Errorf("round %d: done: %q", round, done)
		}
	}
}

func TestWatchOutlastsTheCollector(t *testing.T) {
	folder := writeFiles(t, map[string]string{"a.ndjson": ticketLines(0, 3), "b.ndjson": ticketLines(3, 3)})
	collector := newTestCollector(t)
	var mu sync.Mutex
	requests := 0
	collector.fault = func(_, line int, w http.ResponseWriter) error {
		mu.Lock()
		defer mu.Unlock()
		if line > 0 {
			return nil
		}
		if requests++; requests <= 6 {
			return cut(w)
		}
		return nil
	}
	log := watchUntil(t, collector, folder, noneLeft(folder, "a.ndjson", "b.ndjson"), func(o *WatchOptions) {
		o.RetryFor = 300 * time.Millisecond // a file's turn ends before the outage does
	})
	if held := len(collector.ids()); held != 6 {
		t.Errorf("%d tickets are held, want 6", held)
	}
	if strings.Count(log, "nothing is lost") != 1 || strings.Count(log, "takes tickets again") != 1 {
		t.Errorf("the outage is not told once:\n%s", log)
	}
}

// A file that the collector will not have does not keep the others back.
func TestRefusedRequestHoldsUpNoOtherFile(t *testing.T) {
	folder := writeFiles(t, map[string]string{"a.ndjson": ticketLines(0, 3), "b.ndjson": ticketLines(3, 3)})
	collector := newTestCollector(t)
	collector.fault = func(request, _ int, w http.ResponseWriter) error {
		if request > 1 {
			return nil
		}
		writeProblem(w, http.StatusForbidden, "not you")
		return errHandled
	}
	log := watchUntil(t, collector, folder, noneLeft(folder, "a.ndjson", "b.ndjson"))
	if first := strings.Index(log, "b.ndjson: 3 tickets"); first < 0 || strings.Index(log, "a.ndjson: 3 tickets") < first {
		t.Errorf("a.ndjson was not put off:\n%s", log)
	}
	if !strings.Contains(log, "a.ndjson: the server answered 403 Forbidden: not you; left where it is") {
		t.Errorf("log:\n%s", log)
	}
}

func TestGrowingFileIsNotTaken(t *testing.T) {
	folder := writeFiles(t, map[string]string{"a.ndjson": one})
	drop := newDropFolder(folder, formats["ticket"], 5*time.Second)
	now := time.Now()
	look := func(after time.Duration, want bool) {
		t.Helper()
		now = now.Add(after)
		ready, err := drop.look(now)
		if err != nil || (len(ready) == 1) != want {
			t.Errorf("ready: %v, %v, want %t", ready, err, want)
		}
	}
	look(0, false)
	look(4*time.Second, false)
	if err := os.WriteFile(filepath.Join(folder, "a.ndjson"), []byte(one+"\n"+one), 0o600); err != nil {
		t.Fatal(err)
	}
	look(4*time.Second, false)
	look(4*time.Second, false)
	look(time.Second, true)
	drop.files["a.ndjson"].postpone(now)
	look(0, false)
	look(time.Second, true)
	if err := os.Remove(filepath.Join(folder, "a.ndjson")); err != nil {
		t.Fatal(err)
	}
	look(0, false)
	if len(drop.files) != 0 {
		t.Error("a file that is gone is kept in mind")
	}
}

// Somebody tidies up: the folders for what is done are made again, and nothing
// is sent over and over in silence.
func TestFoldersThatWereRemoved(t *testing.T) {
	for name, test := range map[string]struct {
		content, want string // the second begins the place of what is left of it
		places        int
	}{
		"good.ndjson":    {one, "done/DAY/good", 1},
		"refused.ndjson": {`{"transactionId":"refused","amount":-5}`, "done/DAY/refused refused/refused", 2},
		"cut.ndjson.gz":  {zipped(t, one)[:20], "refused/cut refused/cut", 2},
	} {
		t.Run(name, func(t *testing.T) {
			folder, collector := t.TempDir(), newTestCollector(t)
			removed := false
			log := watchUntil(t, collector, folder, func(log string) bool {
				if !removed && strings.Contains(log, "watching") {
					removed = true
					for _, shelf := range []string{doneFolder, refusedFolder} {
						if err := os.Remove(filepath.Join(folder, shelf)); err != nil {
							t.Error(err)
						}
					}
					if err := os.WriteFile(filepath.Join(folder, name), []byte(test.content), 0o600); err != nil {
						t.Error(err)
					}
				}
				return removed && noneLeft(folder, name)("")
			})
			got := filesIn(t, folder)
			if len(got) != test.places {
				t.Fatalf("files %q\n%s", got, log)
			}
			for i, want := range strings.Fields(test.want) {
				if !strings.HasPrefix(got[i], want) {
					t.Errorf("files %q, want %s\n%s", got, test.want, log)
				}
			}
		})
	}
}

// What is no file is not sent, and that is told once.
func TestLinksAndFoldersArePassedOver(t *testing.T) {
	folder, collector := writeFiles(t, map[string]string{"folder.ndjson/x": "", "note.txt": ""}), newTestCollector(t)
	for link, to := range map[string]string{"link.ndjson": "note.txt", "nowhere.ndjson": "nothing", "other.txt": "note.txt"} {
		if err := os.Symlink(filepath.Join(folder, to), filepath.Join(folder, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(folder, "z.ndjson"), []byte(one), 0o600); err != nil {
		t.Fatal(err)
	}
	log := watchUntil(t, collector, folder, noneLeft(folder, "z.ndjson"))
	for _, name := range []string{"folder.ndjson", "link.ndjson", "nowhere.ndjson"} {
		if n := strings.Count(log, name+" is no file"); n != 1 {
			t.Errorf("%s is told %d times:\n%s", name, n, log)
		}
	}
	if strings.Contains(log, ".txt") {
		t.Errorf("what was not meant to be sent is told:\n%s", log)
	}
}

// However many files cannot be read, they keep no other back.
func TestUnreadableFilesHoldUpNoOther(t *testing.T) {
	files := map[string]string{"z.ndjson": one}
	for i := range 20 {
		files[fmt.Sprintf("bad-%d.ndjson", i)] = one
	}
	folder, collector := writeFiles(t, files), newTestCollector(t)
	opened, err := collector.destination().collector()
	if err != nil {
		t.Fatal(err)
	}
	shelf, err := openShelf(folder)
	if err != nil {
		t.Fatal(err)
	}
	format, left := formats["ticket"], len(files)-1
	readable := format.reader
	format.reader = func(r io.Reader) recordReader { // in order of name: the good one comes last
		if left--; left >= 0 {
			return failingDisk{}
		}
		return readable(r)
	}
	w := &watcher{folder: newDropFolder(folder, format, 0), shelf: shelf, format: format, collector: opened,
		retryFor: time.Second, log: &journal{out: io.Discard}}
	if sent, err := w.round(t.Context()); sent != 1 || err != nil {
		t.Errorf("%d sent, %v", sent, err)
	}
	if left := countFiles(t, folder); left != 20 {
		t.Errorf("%d files are left where they were, want the 20 that cannot be read", left)
	}
}

// A failingDisk is a file that the system does not let be read.
type failingDisk struct{}

func (failingDisk) next() (record, error) {
	return record{}, &fs.PathError{Op: "read", Path: "x", Err: syscall.EIO}
}

func countFiles(t *testing.T, folder string) int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	return len(files)
}

// What is written to a file while it is being sent is not moved away unsent.
func TestFileThatGrowsWhileItIsSent(t *testing.T) {
	folder := writeFiles(t, map[string]string{"a.ndjson": ticketLines(0, 2)})
	collector := newTestCollector(t)
	var once sync.Once
	collector.late = func(_, line int, _ http.ResponseWriter) (err error) {
		once.Do(func() { err = os.WriteFile(filepath.Join(folder, "a.ndjson"), []byte(ticketLines(0, 3)), 0o600) })
		return err
	}
	log := watchUntil(t, collector, folder, noneLeft(folder, "a.ndjson"))
	if held := len(collector.ids()); held != 3 {
		t.Errorf("%d tickets are held, want 3\n%s", held, log)
	}
	if !strings.Contains(log, errChanged.Error()) {
		t.Errorf("log:\n%s", log)
	}
}

func TestOneWatchAFolder(t *testing.T) {
	folder, collector := t.TempDir(), newTestCollector(t)
	watchUntil(t, collector, folder, func(log string) bool {
		if !strings.Contains(log, "watching") {
			return false
		}
		err := Watch(t.Context(), WatchOptions{Destination: collector.destination(), Folder: folder, Format: "ticket"})
		if err == nil || !strings.Contains(err.Error(), "another watch") {
			t.Errorf("a second watch: %v", err)
		}
		return true
	})
	watchUntil(t, collector, folder, func(log string) bool { return strings.Contains(log, "watching") })
}

func TestTaggedNames(t *testing.T) {
	for name, want := range map[string]string{
		"sales.ndjson": "sales.T.ndjson", "2026.01.05.json.gz": "2026.01.05.T.json.gz", "sale.ndjson.zst": "sale.T.ndjson.zst",
		strings.Repeat("é", 120) + ".json": strings.Repeat("é", 80) + ".T.json",
	} {
		if got := tagged(name, "T"); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
