package upload

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// maxWindow bounds what a zstd file may make the decoder allocate.
const maxWindow = 128 << 20

// registrations are the files that stand beside tickets.ndjson in a data
// folder and hold no tickets.
var registrations = []string{"stores.ndjson", "customers.ndjson", "manufacturers.ndjson", "products.ndjson"}

// input is one file of tickets, or standard input.
type input struct {
	name  string
	size  int64     // bytes as stored; 0 when not known
	stdin io.Reader // set for standard input only
}

// findInputs lists what the paths name: files as they are, folders with all
// that looks like tickets in the format, in order of name. It also returns the
// files passed over as registrations.
func findInputs(paths []string, format format, stdin io.Reader) (inputs []input, passedOver []string, err error) {
	for _, path := range paths {
		if path == "-" {
			inputs = append(inputs, input{name: "standard input", stdin: stdin})
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			return nil, nil, fmt.Errorf("find tickets: %w", err)
		}
		if !info.IsDir() {
			inputs = append(inputs, input{name: path, size: info.Size()})
			continue
		}
		found, skipped, err := findInFolder(path, format)
		if err != nil {
			return nil, nil, err
		}
		inputs, passedOver = append(inputs, found...), append(passedOver, skipped...)
	}
	return inputs, passedOver, nil
}

func findInFolder(folder string, format format) (inputs []input, passedOver []string, err error) {
	err = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !format.matches(path) {
			return err
		}
		if slices.Contains(registrations, entry.Name()) {
			passedOver = append(passedOver, path)
			return nil
		}
		info, err := os.Stat(path) // follows a link to a file
		if err != nil || !info.Mode().IsRegular() {
			return err
		}
		inputs = append(inputs, input{name: path, size: info.Size()})
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("find tickets in %s: %w", folder, err)
	}
	if len(inputs) == 0 {
		return nil, nil, fmt.Errorf("find tickets in %s: there is no %s file (nor one with .gz or .zst)", folder, format.patterns())
	}
	return inputs, passedOver, nil
}

// open opens the input, decompressed, and adds the bytes read from it, as
// stored, to counter.
func (in input) open(counter *int64) (io.ReadCloser, error) {
	if in.stdin != nil {
		return decompress(countingReader{in.stdin, counter}, io.NopCloser(nil))
	}
	file, err := os.Open(in.name)
	if err != nil {
		return nil, err
	}
	content, err := decompress(countingReader{file, counter}, file)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return content, nil
}

// decompress goes by the first bytes rather than by the name: standard input
// has none.
func decompress(r io.Reader, source io.Closer) (io.ReadCloser, error) {
	buffered := bufio.NewReaderSize(r, 256<<10)
	magic, err := buffered.Peek(4)
	if err != nil && err != io.EOF {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		unzipped, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, fmt.Errorf("decompress gzip: %w", err)
		}
		return content{unzipped, source}, nil
	case bytes.Equal(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		unzipped, err := zstd.NewReader(buffered, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, fmt.Errorf("decompress zstd: %w", err)
		}
		return content{unzipped.IOReadCloser(), source}, nil
	}
	return content{buffered, source}, nil
}

// content reads from one thing and closes what lies under it.
type content struct {
	io.Reader
	source io.Closer
}

func (c content) Close() error {
	if closer, ok := c.Reader.(io.Closer); ok {
		return errors.Join(closer.Close(), c.source.Close())
	}
	return c.source.Close()
}

type countingReader struct {
	io.Reader
	count *int64
}

func (r countingReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	*r.count += int64(n)
	return n, err
}
