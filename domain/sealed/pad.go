package sealed

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
)

const (
	minPadded = 256
	// maxPlain bounds what unpacking may yield: a ticket has at most 1 MiB of JSON.
	maxPlain = 2 << 20
)

// packers are reused: a DEFLATE writer has large tables.
var packers = sync.Pool{New: func() any {
	packer, err := flate.NewWriterDict(nil, flate.DefaultCompression, []byte(dictionary))
	if err != nil {
		panic(err) // only an unknown level fails
	}
	return packer
}}

// pack compresses and pads a plaintext. One that fits into the smallest size as it is goes into a stored block, which is
// DEFLATE too: to compress it would make nothing smaller.
func pack(plain []byte) ([]byte, error) {
	if 4+storedHeader+len(plain) <= minPadded {
		return stored(plain), nil
	}
	var packed bytes.Buffer
	packed.Grow(minPadded + len(plain)/2)
	packed.Write(make([]byte, 4))
	packer := packers.Get().(*flate.Writer)
	defer packers.Put(packer)
	packer.Reset(&packed)
	if _, err := packer.Write(plain); err != nil {
		return nil, fmt.Errorf("compress a body: %w", err)
	}
	if err := packer.Close(); err != nil {
		return nil, fmt.Errorf("compress a body: %w", err)
	}
	binary.BigEndian.PutUint32(packed.Bytes(), uint32(packed.Len()-4))
	size := minPadded
	for size < packed.Len() {
		size *= 2
	}
	packed.Write(make([]byte, size-packed.Len()))
	return packed.Bytes(), nil
}

// storedHeader is the length of the header of a stored block, RFC 1951 section 3.2.4.
const storedHeader = 5

// stored packs a short plaintext as one last, stored block.
func stored(plain []byte) []byte {
	const lastStored = 1
	packed := make([]byte, 0, minPadded)
	packed = binary.BigEndian.AppendUint32(packed, uint32(storedHeader+len(plain)))
	packed = append(packed, lastStored)
	packed = binary.LittleEndian.AppendUint16(packed, uint16(len(plain)))
	packed = binary.LittleEndian.AppendUint16(packed, ^uint16(len(plain)))
	return append(packed, plain...)[:minPadded]
}

// unpack takes padding and compression off.
func unpack(padded []byte) ([]byte, error) {
	if len(padded) < 4 || int(binary.BigEndian.Uint32(padded)) > len(padded)-4 {
		return nil, errors.New("unpack a body: its length does not fit")
	}
	packed := padded[4 : 4+binary.BigEndian.Uint32(padded)]
	unpacker := flate.NewReaderDict(bytes.NewReader(packed), []byte(dictionary))
	plain, err := io.ReadAll(io.LimitReader(unpacker, maxPlain+1))
	if err != nil {
		return nil, fmt.Errorf("decompress a body: %w", err)
	}
	if len(plain) > maxPlain {
		return nil, fmt.Errorf("decompress a body: more than %d bytes", maxPlain)
	}
	return plain, nil
}
