package sealed

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"sync"
)

// maxPlain bounds what inflating may yield: a batch has some megabytes of tickets.
const maxPlain = 64 << 20

// Level 3 looks no longer for repetitions than pays: with 50 tickets together they are near.
const level = 3

// packers are reused: a DEFLATE writer has large tables.
var packers = sync.Pool{New: func() any {
	packer, err := flate.NewWriterDict(nil, level, []byte(dictionary))
	if err != nil {
		panic(err) // only an unknown level fails
	}
	return packer
}}

func deflate(plain []byte) ([]byte, error) {
	var packed bytes.Buffer
	packed.Grow(len(plain) / 4)
	packer := packers.Get().(*flate.Writer)
	defer packers.Put(packer)
	packer.Reset(&packed)
	if _, err := packer.Write(plain); err != nil {
		return nil, fmt.Errorf("compress a body: %w", err)
	}
	if err := packer.Close(); err != nil {
		return nil, fmt.Errorf("compress a body: %w", err)
	}
	return packed.Bytes(), nil
}

func inflate(packed []byte) ([]byte, error) {
	unpacker := flate.NewReaderDict(bytes.NewReader(packed), []byte(dictionary))
	plain, err := io.ReadAll(io.LimitReader(unpacker, maxPlain+1))
	if err != nil {
		return nil, fmt.Errorf("decompress a body: %w", err)
	}
	if len(plain) > maxPlain {
		return nil, errors.New("decompress a body: it is too large")
	}
	return plain, nil
}

// powerOfTwo is the smallest power of two that is neither less than n nor than the least one.
func powerOfTwo(n, least int) int {
	size := least
	for size < n {
		size *= 2
	}
	return size
}

// pad appends zeros up to a multiple of the unit.
func pad(plain []byte, unit int) []byte {
	missing := (unit - len(plain)%unit) % unit
	return append(plain, make([]byte, missing)...)
}
