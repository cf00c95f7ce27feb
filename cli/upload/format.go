package upload

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// record is one ticket as found in an input.
type record struct {
	line int    // where it begins, counted from 1
	body []byte // its JSON on one line, good until the next call
	// refusal says why the record cannot even be sent; body is what was found
	// then, or nothing where that is too large.
	refusal string
}

// recordReader yields an input's records and then io.EOF.
type recordReader interface {
	next() (record, error)
}

// format is a kind of file: how its files' names end, and who reads them.
type format struct {
	extensions []string
	reader     func(io.Reader) recordReader
}

// formats are the kinds of file that can be read, by the name --format takes.
// Each reader turns an input's content into tickets, and lives in a file of its
// own.
var formats = map[string]format{
	"ticket":     {[]string{".ndjson", ".json"}, newTicketReader},
	"eterticket": {[]string{".json", ".txt"}, newEterticketReader},
}

// KnowsFormat reports whether Options.Format may have this name.
func KnowsFormat(name string) bool {
	_, known := formats[name]
	return known
}

func formatNamed(name string) (format, error) {
	if !KnowsFormat(name) {
		return format{}, fmt.Errorf("format %q is not known; there is %s", name, Formats())
	}
	return formats[name], nil
}

// Formats lists the names that Options.Format takes.
func Formats() string {
	return strings.Join(slices.Sorted(maps.Keys(formats)), ", ")
}

// matches reports whether a file of this name, compressed or not, is taken from
// a folder.
func (f format) matches(name string) bool {
	name = strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".zst")
	return slices.ContainsFunc(f.extensions, func(extension string) bool { return strings.HasSuffix(name, extension) })
}

// patterns lists the names that match: *.ndjson or *.json.
func (f format) patterns() string { return "*" + strings.Join(f.extensions, " or *") }
