package api

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	defaultLimit = 100
	maxLimit     = 1000
	maxIDLength  = 64 // characters, as in a ticket
)

// parameters reads a request's query and collects all that is wrong with it.
type parameters struct {
	query  url.Values
	errors []fieldError
}

// readParameters refuses what is not known by name: a mistyped filter that is ignored shows too much.
func readParameters(r *http.Request, known ...string) *parameters {
	p := &parameters{}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		p.bad("", "encoding", "the query is not percent-encoded rightly")
	}
	p.query = query
	for name, values := range query {
		if !slices.Contains(known, name) {
			p.bad(name, "unknown-parameter", "it is not known here; known are "+strings.Join(known, ", "))
		} else if len(values) > 1 && name != "groupBy" {
			p.bad(name, "repeated", "it is given more than once")
		}
	}
	return p
}

func (p *parameters) bad(name, rule, detail string) {
	p.errors = append(p.errors, fieldError{"/" + name, rule, detail})
}

func badParameter(name, rule, detail string) error {
	p := parameters{}
	p.bad(name, rule, detail)
	return p.err()
}

// err gives all that is wrong as one problem, in a fixed order.
func (p *parameters) err() error {
	if len(p.errors) == 0 {
		return nil
	}
	slices.SortStableFunc(p.errors, func(a, b fieldError) int { return strings.Compare(a.Pointer, b.Pointer) })
	first := p.errors[0]
	return problem{Type: "parameters", Title: "Bad query", Status: http.StatusBadRequest,
		Detail: "Query parameter " + strings.TrimPrefix(first.Pointer, "/") + ": " + first.Detail + ".", Errors: p.errors}
}

// id reads an id as tickets have them.
func (p *parameters) id(name string) string {
	value := p.query.Get(name)
	if value != "" && !goodID(value) {
		p.bad(name, "id", "it must be 1 to 64 printable characters")
		return ""
	}
	return value
}

// goodID reports whether a ticket could hold such an id.
func goodID(value string) bool {
	printable := utf8.ValidString(value) && !strings.ContainsFunc(value, func(c rune) bool { return unicode.Is(unicode.C, c) })
	return printable && value != "" && utf8.RuneCountInString(value) <= maxIDLength
}

// oneOf reads one of a few words.
func (p *parameters) oneOf(name string, words ...string) string {
	value := p.query.Get(name)
	if value != "" && !slices.Contains(words, value) {
		p.bad(name, "choice", "it must be one of "+strings.Join(words, ", "))
		return ""
	}
	return value
}

// days reads from and to, both inclusive.
func (p *parameters) days() (from, to *time.Time) {
	from, to = p.day("from"), p.day("to")
	if from != nil && to != nil && to.Before(*from) {
		p.bad("to", "range", "it is before from")
	}
	return from, to
}

func (p *parameters) day(name string) *time.Time {
	text := p.query.Get(name)
	if text == "" {
		return nil
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil || day.Year() < 1 {
		p.bad(name, "date", "it must be a date, YYYY-MM-DD")
		return nil
	}
	return &day
}

func (p *parameters) limit() int {
	text := p.query.Get("limit")
	if text == "" {
		return defaultLimit
	}
	limit, err := strconv.Atoi(text)
	if err != nil || limit < 1 || limit > maxLimit {
		p.bad("limit", "range", "it must be 1 to 1000")
		return defaultLimit
	}
	return limit
}

// block reads a block number.
func (p *parameters) block(name string) *int64 {
	text := p.query.Get(name)
	if text == "" {
		return nil
	}
	block, err := strconv.ParseInt(text, 10, 64)
	if err != nil || block < 0 {
		p.bad(name, "block", "it must be a block number, as in asOf.block")
		return nil
	}
	return &block
}
