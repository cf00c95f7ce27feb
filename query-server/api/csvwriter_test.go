package api

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
)

// The bytes are those that encoding/csv would write of the guarded texts.
func TestCellsAreWrittenAsTheStandardLibraryDoes(t *testing.T) {
	t.Parallel()
	cells := []string{"", "plain", "two words", " first a space", "\u00a0unusual space", "last a space ", "a,b", `say "so"`, `"`, "two\nlines", "a\rb", `\.`, `\.x`,
		"=1+1", "+1", "-1", "@x", "\tx", "\rx", `="a,b"`, "= 1", "-", "Käse", "a=b", "\xff", "'=1"}
	var got csvWriter
	var want bytes.Buffer
	reference := csv.NewWriter(&want)
	for from := range cells {
		row := append(append([]string{}, cells[from:]...), cells[:from]...) // each is first, and last, once
		guarded := make([]string, len(row))
		for i, cell := range row {
			got.name(&row[i])
			if guarded[i] = cell; strings.IndexAny(cell, "=+-@\t\r") == 0 {
				guarded[i] = "'" + cell
			}
		}
		got.end()
		if err := reference.Write(guarded); err != nil {
			t.Fatal(err)
		}
	}
	reference.Flush()
	if string(got.text) != want.String() {
		t.Errorf("got\n%q\nwant\n%q", got.text, want.String())
	}
}
