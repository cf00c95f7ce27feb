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

// A small stream that unfolds to much: it comes in pieces, and a line of it beyond the limit is passed over, not kept.
func TestDecompressionBomb(t *testing.T) {
	t.Parallel()
	const unfolded = 200 << 20
	for encoding, open := range map[string]func(io.Writer) io.WriteCloser{
		"gzip": func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) },
		"zstd": func(w io.Writer) io.WriteCloser {
			encoder, err := zstd.NewWriter(w, zstd.WithWindowSize(1<<20))
			if err != nil {
				t.Fatal(err)
			}
			return encoder
		},
	} {
		var bomb bytes.Buffer
		w := open(&bomb)
		zeros := make([]byte, 1<<20)
		for range unfolded / len(zeros) {
			if _, err := w.Write(zeros); err != nil {
				t.Fatal(err)
			}
		}
		io.WriteString(w, "\nnext")
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if bomb.Len() > unfolded/500 {
			t.Fatalf("%s: %d bytes are no bomb", encoding, bomb.Len())
		}
		r, err := ndjson.Decompress(&bomb, encoding)
		if err != nil {
			t.Fatal(err)
		}
		lines := ndjson.NewReader(r, 1<<20)
		first, err := lines.Next()
		if err != nil || !first.TooLong || len(first.Data) != 0 {
			t.Errorf("%s: the first line has %d bytes, too long: %t, %v", encoding, len(first.Data), first.TooLong, err)
		}
		if next, err := lines.Next(); err != nil || string(next.Data) != "next" {
			t.Errorf("%s: then %q, %v", encoding, next.Data, err)
		}
		r.Close()
	}
}

// Whatever bytes come: no panic, and not more out than a bounded stream of them can hold.
func FuzzDecompress(f *testing.F) {
	for _, seed := range [][]byte{nil, gzipped("text"), append(gzipped("te"), gzipped("xt")...), []byte("(\xb5/\xfd\x04\x00")} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, data []byte, zipped bool) {
		encoding := "zstd"
		if zipped {
			encoding = "gzip"
		}
		r, err := ndjson.Decompress(bytes.NewReader(data), encoding)
		if err != nil {
			t.Fatal(err) // only an unknown encoding is known at once
		}
		defer r.Close()
		lines := ndjson.NewReader(io.LimitReader(r, 4<<20), 1<<10)
		for {
			line, err := lines.Next()
			if err != nil {
				return
			}
			if len(line.Data) > 1<<10 {
				t.Fatalf("a line of %d bytes", len(line.Data))
			}
		}
	})
}
