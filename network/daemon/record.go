package daemon

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"syscall"

	"github.com/tillproof/tillproof/network/durable"
)

// record is the content of pids/NAME.json.
type record struct {
	Name        string         `json:"name"`
	Order       int            `json:"order"`
	PID         int            `json:"pid"`
	Began       string         `json:"began"` // see began: identifies the process beyond its id
	Fingerprint string         `json:"fingerprint"`
	StopSignal  syscall.Signal `json:"stopSignal"`
	User        *User          `json:"user,omitempty"`
	Niceness    int            `json:"niceness,omitempty"`
}

// alive says whether the recorded process, and not another with its id, runs.
func (r record) alive() bool {
	began, err := began(r.PID)
	return err == nil && began == r.Began
}

func recordFile(dir, name string) string { return filepath.Join(dir, name+".json") }

// readRecord returns fs.ErrNotExist if there is none. A record that cannot be
// read (a full disk, say) is reported, not guessed at.
func readRecord(file string) (record, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return record{}, err
	}
	var r record
	if err := json.Unmarshal(content, &r); err != nil {
		return record{}, fmt.Errorf("read %s: %w", file, err)
	}
	return r, nil
}

func writeRecord(file string, r record) error {
	content, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return durable.WriteFile(file, append(content, '\n'))
}

// readRecords returns all records, last started first.
func readRecords(dir string) ([]record, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var records []record
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".json") {
			continue
		}
		r, err := readRecord(filepath.Join(dir, entry.Name()))
		if err != nil {
			return nil, err
		}
		records = append(records, r)
	}
	sort.SliceStable(records, func(i, j int) bool { return records[i].Order > records[j].Order })
	return records, nil
}

// Processes gives the ids of the daemons that run, by name. PostgreSQL's, for one, has children.
func Processes(records string) (map[string]int, error) {
	all, err := readRecords(records)
	if err != nil {
		return nil, err
	}
	processes := make(map[string]int, len(all))
	for _, r := range all {
		if r.alive() {
			processes[r.Name] = r.PID
		}
	}
	return processes, nil
}
