package simulate

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// partial is added to a file's name until all files are complete: half a
// chain would look like a whole one.
const partial = ".partial"

// folder is where the files go.
type folder struct {
	path  string
	names []string // written so far, each still partial
}

// newFolder makes the folder, and makes sure that no file in it is lost.
func newFolder(path string, overwrite bool) (*folder, error) {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	for _, name := range []string{"stores", "customers", "manufacturers", "products", "tickets"} {
		file := filepath.Join(path, name+".ndjson")
		if _, err := os.Lstat(file); err == nil && !overwrite {
			return nil, fmt.Errorf("%s is there already; name another folder, or replace it by --overwrite", file)
		} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("look into folder: %w", err)
		}
	}
	return &folder{path: path}, nil
}

// write makes one file of what fill writes.
func (f *folder) write(name string, fill func(*rows) error) error {
	file, err := os.Create(filepath.Join(f.path, name+partial))
	if err != nil {
		return fmt.Errorf("create %s: %w", name, err)
	}
	f.names = append(f.names, name)
	out := newRows(file)
	if err := errors.Join(fill(out), out.buffer.Flush(), file.Close()); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// publish gives the files their names.
func (f *folder) publish() error {
	for _, name := range f.names {
		path := filepath.Join(f.path, name)
		if err := os.Rename(path+partial, path); err != nil {
			return fmt.Errorf("finish %s: %w", name, err)
		}
	}
	return nil
}

// discard removes what is not complete.
func (f *folder) discard() error {
	var failed error
	for _, name := range f.names {
		failed = errors.Join(failed, os.Remove(filepath.Join(f.path, name+partial)))
	}
	return failed
}

// rows writes NDJSON.
type rows struct {
	buffer  *bufio.Writer
	encoder *json.Encoder
}

func newRows(file *os.File) *rows {
	buffer := bufio.NewWriterSize(file, 256<<10)
	encoder := json.NewEncoder(buffer)
	encoder.SetEscapeHTML(false)
	return &rows{buffer, encoder}
}

func (r *rows) add(row any) error { return r.encoder.Encode(row) }

// raw writes a line that is JSON already, its line break included.
func (r *rows) raw(line []byte) error {
	_, err := r.buffer.Write(line)
	return err
}
