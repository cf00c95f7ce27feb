// Package envfile reads and writes a file of KEY=VALUE lines, in the order in
// which the keys were first set. A shell can source it: values with characters
// that mean something to a shell are put in single quotes.
package envfile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/tillproof/tillproof/network/durable"
)

// A File is the content in memory.
type File struct {
	keys   []string
	values map[string]string
}

// Read returns an empty File if there is none.
func Read(path string) (*File, error) {
	f := &File{values: map[string]string{}}
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return nil, err
	}
	scanner := bufio.NewScanner(bytes.NewReader(content))
	for line := 1; scanner.Scan(); line++ {
		text := strings.TrimSpace(scanner.Text())
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		key, value, ok := strings.Cut(text, "=")
		if !ok {
			return nil, fmt.Errorf("%s, line %d: not of the form KEY=VALUE", path, line)
		}
		f.Set(key, unquote(value))
	}
	return f, scanner.Err()
}

// Get returns "" for a key that is not there.
func (f *File) Get(key string) string { return f.values[key] }

// Set adds or replaces.
func (f *File) Set(key, value string) {
	if _, ok := f.values[key]; !ok {
		f.keys = append(f.keys, key)
	}
	f.values[key] = value
}

// SetDefault sets a key that has no value yet, to what make returns.
func (f *File) SetDefault(key string, make func() string) {
	if f.Get(key) == "" {
		f.Set(key, make())
	}
}

// Write replaces the file in one step. Only its owner may read it: it holds
// passwords.
func (f *File) Write(path string) error {
	var content bytes.Buffer
	for _, key := range f.keys {
		value := f.values[key]
		if strings.ContainsAny(value, "\n\r") {
			return fmt.Errorf("the value of %s has more than one line", key)
		}
		fmt.Fprintf(&content, "%s=%s\n", key, quote(value))
	}
	return durable.WriteFile(path, content.Bytes())
}

// plain are the characters that every shell leaves alone.
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@%+,=?"

func quote(value string) string {
	if strings.Trim(value, plain) == "" {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}

func unquote(value string) string {
	inner, ok := strings.CutPrefix(value, "'")
	if !ok {
		return value
	}
	return strings.ReplaceAll(strings.TrimSuffix(inner, "'"), `'\''`, "'")
}
