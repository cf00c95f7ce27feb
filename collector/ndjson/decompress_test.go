package ndjson_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/tillproof/tillproof/collector/ndjson"
)

func gzipped(text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, text)
	w.Close()
	return b.Bytes()
}

func zstandard(t *testing.T, text string, options ...zstd.EOption) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b, options...)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, text)
	w.Close()
	return b.Bytes()
}

func decompress(encoding string, data []byte) (string, error) {
	r, err := ndjson.Decompress(bytes.NewReader(data), encoding)
	if err != nil {
		return "", err
	}
	defer r.Close()
	text, err := io.ReadAll(r)
	return string(text), err
}

func TestDecompress(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		encoding string
		data     []byte
		want     string
	}{
		"none":              {"", []byte("text"), "text"},
		"identity":          {"identity", []byte("text"), "text"},
		"gzip":              {"gzip", gzipped("text"), "text"},
		"gzip, capitals":    {" GZIP ", gzipped("text"), "text"},
		"gzip, two members": {"gzip", append(gzipped("te"), gzipped("xt")...), "text"},
		"zstd":              {"zstd", zstandard(t, "text"), "text"},
		"zstd, two frames":  {"zstd", append(zstandard(t, "te"), zstandard(t, "xt")...), "text"},
	} {
		if got, err := decompress(c.encoding, c.data); err != nil || got != c.want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestDecompressDamaged(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("some text that compresses ", 1000)
	whole := map[string][]byte{"gzip": gzipped(text), "zstd": zstandard(t, text)}
	for encoding, data := range whole {
		flipped := bytes.Clone(data)
		flipped[len(flipped)/2] ^= 0x55
		for name, damaged := range map[string][]byte{
			"cut short": data[:len(data)-5], "changed": flipped, "something else": []byte(text),
		} {
			if got, err := decompress(encoding, damaged); err == nil {
				t.Errorf("%s, %s: %d bytes and no error", encoding, name, len(got))
			}
		}
	}
	if _, err := decompress("br", nil); !errors.Is(err, ndjson.ErrEncoding) {
		t.Errorf("br: %v", err)
	}
	if _, err := decompress("gzip, gzip", nil); !errors.Is(err, ndjson.ErrEncoding) {
		t.Errorf("gzip twice: %v", err)
	}
}

// A stream that asks for a huge window would cost as much memory: it is refused.
func TestDecompressHugeWindow(t *testing.T) {
	t.Parallel()
	data := zstandard(t, strings.Repeat("0123456789", 4<<20), zstd.WithWindowSize(32<<20))
	if _, err := decompress("zstd", data); err == nil {
		t.Error("a window of 32 MiB was accepted")
	}
}
