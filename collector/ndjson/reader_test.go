package ndjson_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/tillproof/tillproof/collector/ndjson"
)

func read(t *testing.T, r io.Reader, limit int) (lines []string) {
	t.Helper()
	reader := ndjson.NewReader(r, limit)
	for {
		line, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return lines
		}
		if err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprintf("%d:%s", line.Number, line.Data)
		if line.TooLong {
			text = fmt.Sprintf("%d too long", line.Number)
		}
		lines = append(lines, text)
	}
}

func TestReader(t *testing.T) {
	t.Parallel()
	huge := strings.Repeat("x", 200_000)
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"nothing":                   {"", nil},
		"blank lines":               {"\n \r\n\t\n", nil},
		"no newline at the end":     {"a\nb", []string{"1:a", "2:b"}},
		"a newline at the end":      {"a\nb\n", []string{"1:a", "2:b"}},
		"DOS line ends":             {"a\r\nb\r\n", []string{"1:a", "2:b"}},
		"blank lines count":         {"\na\n\n\nb", []string{"2:a", "5:b"}},
		"a byte order mark":         {"\ufeffa\n\ufeffb", []string{"1:a", "2:\ufeffb"}},
		"only a byte order mark":    {"\ufeff", nil},
		"as long as may be":         {"12345678\n12345678\r\n", []string{"1:12345678", "2:12345678"}},
		"one byte too long":         {"123456789\na", []string{"1 too long", "2:a"}},
		"longer than any buffer":    {"a\n" + huge + "\nb", []string{"1:a", "2 too long", "3:b"}},
		"too long, and the last":    {"a\n" + huge, []string{"1:a", "2 too long"}},
		"too long, of blanks alone": {strings.Repeat(" ", 9) + "\na", []string{"1 too long", "2:a"}},
	} {
		if got := read(t, strings.NewReader(c.text), 8); fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if got := read(t, iotest.OneByteReader(strings.NewReader(c.text)), 8); fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s, byte by byte: %q, want %q", name, got, c.want)
		}
	}
}

func TestReaderPassesErrorsOn(t *testing.T) {
	t.Parallel()
	reader := ndjson.NewReader(io.MultiReader(strings.NewReader("a\nb"), iotest.ErrReader(io.ErrUnexpectedEOF)), 8)
	if line, err := reader.Next(); err != nil || string(line.Data) != "a" {
		t.Errorf("%+v, %v", line, err)
	}
	// The rest of a line that broke off is no line.
	if line, err := reader.Next(); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%+v, %v", line, err)
	}
}

// Lines are the caller's own: the next one does not overwrite them.
func TestReaderGivesLinesAway(t *testing.T) {
	t.Parallel()
	a, b := strings.Repeat("a", 40_000), strings.Repeat("b", 40_000) // together more than the reader buffers
	reader := ndjson.NewReader(strings.NewReader(a+"\n"+b+"\n"), 1<<20)
	first, _ := reader.Next()
	second, _ := reader.Next()
	if string(first.Data) != a || string(second.Data) != b {
		t.Error("a line was overwritten by the next one")
	}
}

// A line may be longer than what the reader buffers.
func TestReaderOfLongLines(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789", 30_000)
	if got := read(t, strings.NewReader(long+"\n"+long), len(long)); len(got) != 2 || got[0] != "1:"+long || got[1] != "2:"+long {
		t.Errorf("%d lines", len(got))
	}
}

func FuzzReader(f *testing.F) {
	f.Add("a\n\nb\r\n", uint8(8))
	f.Add(strings.Repeat("x", 300)+"\ny", uint8(200))
	f.Fuzz(func(t *testing.T, text string, limit uint8) {
		number := 0
		reader := ndjson.NewReader(strings.NewReader(text), int(limit))
		for range strings.Count(text, "\n") + 1 {
			line, err := reader.Next()
			if err != nil {
				break
			}
			if line.Number <= number || len(line.Data) > int(limit) || strings.Contains(string(line.Data), "\n") {
				t.Fatalf("after line %d: %+v", number, line)
			}
			number = line.Number
		}
		if _, err := reader.Next(); !errors.Is(err, io.EOF) {
			t.Fatalf("no end after all lines: %v", err)
		}
	})
}
