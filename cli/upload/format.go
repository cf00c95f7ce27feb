package upload

import (
	"io"
	"maps"
	"slices"
	"strings"
)

// record is one ticket as found in an input.
type record struct {
	line int    // where it begins, counted from 1
	body []byte // its JSON on one line, good until the next call
	// refusal says why the record cannot even be sent; body is empty then.
	refusal string
}

// recordReader yields an input's records and then io.EOF.
type recordReader interface {
	next() (record, error)
}

// formats are the kinds of file that can be read, by the name --format takes.
// Each turns an input's content into tickets, and lives in a file of its own.
var formats = map[string]func(io.Reader) recordReader{
	"ticket": newTicketReader,
}

// KnowsFormat reports whether Options.Format may have this name.
func KnowsFormat(name string) bool { return formats[name] != nil }

// Formats lists the names that Options.Format takes.
func Formats() string {
	return strings.Join(slices.Sorted(maps.Keys(formats)), ", ")
}
