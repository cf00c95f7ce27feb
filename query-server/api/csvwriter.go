package api

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tillproof/tillproof/hotstate"
)

// A csvWriter gathers rows (RFC 4180, as encoding/csv writes them). A whole answer has some hundred thousand cells: each is
// appended where it belongs, and nothing is made for it.
type csvWriter struct {
	text   []byte
	within bool // a row: a cell has been written
}

func (w *csvWriter) separate() {
	if w.within {
		w.text = append(w.text, ',')
	}
	w.within = true
}

func (w *csvWriter) end() { w.text, w.within = append(w.text, '\n'), false }

// name writes a text of ours, guarded: a spreadsheet is not to take it for a formula. Numbers are digits and need no guard:
// a guarded negative amount would be a text that no spreadsheet adds up.
func (w *csvWriter) name(text *string) {
	w.separate()
	if text == nil || *text == "" {
		return
	}
	guarded := strings.IndexByte("=+-@\t\r", (*text)[0]) >= 0
	quoted := needsQuotes(*text, guarded)
	if quoted {
		w.text = append(w.text, '"')
	}
	if guarded {
		w.text = append(w.text, '\'')
	}
	if !quoted {
		w.text = append(w.text, *text...)
		return
	}
	for i := range len(*text) {
		if (*text)[i] == '"' {
			w.text = append(w.text, '"')
		}
		w.text = append(w.text, (*text)[i])
	}
	w.text = append(w.text, '"')
}

// needsQuotes as encoding/csv sees it: what begins with a space, and an end-of-data mark of old databases, are quoted too.
func needsQuotes(text string, guarded bool) bool {
	if strings.ContainsAny(text, ",\"\r\n") || text == `\.` {
		return true
	}
	first, _ := utf8.DecodeRuneInString(text)
	return !guarded && unicode.IsSpace(first)
}

func (w *csvWriter) day(day time.Time, layout string) {
	w.separate()
	w.text = day.AppendFormat(w.text, layout)
}

func (w *csvWriter) decimal(number hotstate.Decimal) {
	w.separate()
	w.text = number.Append(w.text)
}

func (w *csvWriter) integer(number int64) {
	w.separate()
	w.text = strconv.AppendInt(w.text, number, 10)
}
