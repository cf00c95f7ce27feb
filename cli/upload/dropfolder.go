package upload

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"
)

const (
	// maxDropped bounds how many files are kept an eye on at a time. The rest
	// has its turn when these are done.
	maxDropped = 10_000
	// lookAtOnce is how many entries of the folder are in memory at a time.
	lookAtOnce = 500

	longestPostponement = time.Minute
)

// dropFolder is a folder that other programs put files into. It is looked at
// again and again: this also works where a network's file system tells nobody
// of changes.
type dropFolder struct {
	path   string
	format format
	settle time.Duration
	files  map[string]*droppedFile
	looks  int
	odd    map[string]bool // names like a file's that are none; whether that was told
}

func newDropFolder(path string, format format, settle time.Duration) *dropFolder {
	return &dropFolder{path: path, format: format, settle: settle, files: map[string]*droppedFile{}, odd: map[string]bool{}}
}

// droppedFile is a file as it was when it was last looked at.
type droppedFile struct {
	name      string
	size      int64
	modified  time.Time
	since     time.Time // when it was first seen so
	notBefore time.Time
	failures  int
	look      int // the last that found it
}

// look returns the files that are finished and due, in order of name.
func (d *dropFolder) look(now time.Time) ([]*droppedFile, error) {
	d.looks++
	folder, err := os.Open(d.path)
	if err != nil {
		return nil, fmt.Errorf("look into the folder: %w", err)
	}
	defer folder.Close()
	for {
		entries, err := folder.ReadDir(lookAtOnce)
		for _, entry := range entries {
			if err := d.see(entry, now); err != nil {
				return nil, err
			}
		}
		if err == io.EOF {
			break
		} else if err != nil {
			return nil, fmt.Errorf("look into the folder: %w", err)
		}
	}
	return d.ready(now), nil
}

func (d *dropFolder) see(entry fs.DirEntry, now time.Time) error {
	name := entry.Name()
	if strings.HasPrefix(name, ".") || !d.format.matches(name) || slices.Contains(registrations, name) {
		return nil
	}
	if !entry.Type().IsRegular() {
		if _, seen := d.odd[name]; !seen && len(d.odd) < maxDropped {
			d.odd[name] = false
		}
		return nil
	}
	info, err := entry.Info()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return fmt.Errorf("look at %s: %w", name, err)
	}
	file := d.files[name]
	if file == nil {
		if len(d.files) >= maxDropped {
			return nil
		}
		file = &droppedFile{name: name}
		d.files[name] = file
	}
	file.look = d.looks
	if !file.is(info) || file.since.IsZero() {
		*file = droppedFile{name: name, size: info.Size(), modified: info.ModTime(), since: now, look: d.looks}
	}
	return nil
}

// takeOdd gives, once each, the names of what is not sent because it is no file.
func (d *dropFolder) takeOdd() (names []string) {
	for name, told := range d.odd {
		if !told {
			names = append(names, name)
			d.odd[name] = true
		}
	}
	slices.Sort(names)
	return names
}

func (d *dropFolder) ready(now time.Time) []*droppedFile {
	var ready []*droppedFile
	for name, file := range d.files {
		switch {
		case file.look != d.looks:
			delete(d.files, name) // no longer there
		case now.Sub(file.since) >= d.settle && !now.Before(file.notBefore):
			ready = append(ready, file)
		}
	}
	slices.SortFunc(ready, func(a, b *droppedFile) int { return strings.Compare(a.name, b.name) })
	return ready
}

func (f *droppedFile) is(info fs.FileInfo) bool {
	return info.Size() == f.size && info.ModTime().Equal(f.modified)
}

var errChanged = errors.New("it has changed while it was sent; what was taken counts as duplicate when it is sent again")

// verify makes sure that the file is still as it was looked at.
func (f *droppedFile) verify(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !f.is(info) {
		return errChanged
	}
	return nil
}

// postpone lets a file wait after a failure, longer each time.
func (f *droppedFile) postpone(now time.Time) {
	f.notBefore = now.Add(min(longestPostponement, time.Second<<min(f.failures, 10)))
	f.failures++
}
