package ndjson

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// maxWindow bounds the memory of a zstd stream. Levels up to 19 need no more; "ultra" levels and --long do.
const maxWindow = 8 << 20

// ErrEncoding says that a content encoding is none of ours.
var ErrEncoding = errors.New("unknown content encoding")

// Decompress undoes a Content-Encoding: gzip, zstd, or none. Close frees what it holds, not r.
func Decompress(r io.Reader, encoding string) (io.ReadCloser, error) {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "", "identity":
		return io.NopCloser(r), nil
	case "gzip", "x-gzip":
		return &lazyGzip{source: r}, nil
	case "zstd":
		decoder, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, fmt.Errorf("open zstd stream: %w", err)
		}
		return decoder.IOReadCloser(), nil
	}
	return nil, fmt.Errorf("%w %q", ErrEncoding, encoding)
}

// lazyGzip reads the header with the first read, not before: it may be that the client sends it only after our answer
// has begun.
type lazyGzip struct {
	source io.Reader
	gzip   *gzip.Reader
}

func (g *lazyGzip) Read(p []byte) (int, error) {
	if g.gzip == nil {
		opened, err := gzip.NewReader(g.source)
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF // nothing at all is no gzip stream
		}
		if err != nil {
			return 0, err
		}
		g.gzip = opened
	}
	return g.gzip.Read(p)
}

func (g *lazyGzip) Close() error {
	if g.gzip == nil {
		return nil
	}
	return g.gzip.Close()
}
