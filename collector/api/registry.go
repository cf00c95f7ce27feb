package api

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/tillproof/tillproof/collector/auth"
	"github.com/tillproof/tillproof/collector/problem"
	"github.com/tillproof/tillproof/collector/registration"
	"github.com/tillproof/tillproof/hotstate"
)

// registry is what the four kinds of registration have in common: each can be put, got, listed, and registered by files.
type registry[R any] struct {
	server *Server
	kind   string // as in the path: stores
	idName string // as in the path and in rows: storeId
	id     func(*R) *string
	check  func(*R) *problem.Problem
	put    func(context.Context, []R) ([]registration.Result[R], error)
	get    func(r *http.Request, id string) (R, error)
	list   func(r *http.Request, page hotstate.Page) ([]R, error)
	cursor func(R) []string // the key by which lists are sorted
}

func (g registry[R]) routes() []route {
	one := "/v1/" + g.kind + "/{" + g.idName + "}"
	return []route{
		{"PUT", one, senior, g.putOne},
		{"GET", one, senior, g.getOne},
		{"GET", "/v1/" + g.kind, senior, g.getList},
		{"POST", "/v1/registrations/" + g.kind, senior, g.postFile},
	}
}

// putOne registers the row of the path. The id may stand in the body too, if it is the same.
func (g registry[R]) putOne(w http.ResponseWriter, r *http.Request, _ auth.Caller) error {
	body, err := readBody(w, r, maxRow)
	if err != nil {
		return err
	}
	var row R
	if p := readRow(body, &row); p != nil {
		return p
	}
	id := pathValue(r, g.idName)
	if given := *g.id(&row); given != "" && given != id {
		return problem.Invalid(problem.Field{Pointer: "/" + g.idName, Rule: "other-id", Detail: "is not the id of the path"})
	}
	*g.id(&row) = id
	if p := g.check(&row); p != nil {
		return p
	}
	results, err := g.put(r.Context(), []R{row})
	if err != nil {
		return err
	}
	if results[0].Problem != nil {
		return results[0].Problem
	}
	return writeJSON(w, statusOf(results[0].Change), results[0].Row)
}

func statusOf(change registration.Change) int {
	if change == registration.Created {
		return http.StatusCreated
	}
	return http.StatusOK
}

func (g registry[R]) getOne(w http.ResponseWriter, r *http.Request, _ auth.Caller) error {
	row, err := g.get(r, pathValue(r, g.idName))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, row)
}

func (g registry[R]) getList(w http.ResponseWriter, r *http.Request, _ auth.Caller) error {
	return writePage(w, r, g.list, g.cursor)
}

// Rows of a file are registered in groups of this many.
const maxGroupRows = 1000

// rowProblem answers a line that was refused.
type rowProblem struct {
	Line    int              `json:"line"`
	Status  string           `json:"status"`
	Problem *problem.Problem `json:"problem"`
}

// rowSummary is the answer's last line; accepted is created, changed and unchanged together.
type rowSummary struct {
	Accepted  int `json:"accepted"`
	Created   int `json:"created"`
	Changed   int `json:"changed"`
	Unchanged int `json:"unchanged"`
	Rejected  int `json:"rejected"`
}

func (s *rowSummary) count(change registration.Change) {
	s.Accepted++
	switch change {
	case registration.Created:
		s.Created++
	case registration.Changed:
		s.Changed++
	default:
		s.Unchanged++
	}
}

// postFile registers the rows of a file, and answers those it refuses.
func (g registry[R]) postFile(w http.ResponseWriter, r *http.Request, _ auth.Caller) error {
	stream, err := openStream(w, r, maxRow)
	if err != nil {
		return err
	}
	defer stream.Close()
	var summary rowSummary
	last, err := 0, error(nil)
	for err == nil {
		var group rowGroup[R]
		group, err = g.readGroup(stream)
		if len(group.numbers) == 0 {
			break
		}
		last = group.numbers[len(group.numbers)-1]
		if err := g.putGroup(r.Context(), stream, group, &summary); err != nil {
			return g.breakOff(stream, summary, err)
		}
	}
	if !errors.Is(err, io.EOF) {
		return g.breakOff(stream, summary, unreadable(last))
	}
	stream.write(map[string]rowSummary{"summary": summary})
	return stream.flush()
}

// breakOff ends the answer with a problem in place of a summary, or is the whole answer if that has not begun.
func (g registry[R]) breakOff(stream *stream, summary rowSummary, err error) error {
	if summary == (rowSummary{}) {
		return err
	}
	var p *problem.Problem
	if !errors.As(err, &p) {
		g.server.Log.Warn("registrations broken off", "kind", g.kind, "error", err)
		p = problem.Unavailable()
	}
	stream.write(map[string]*problem.Problem{"problem": p})
	stream.flush()
	return err
}

// rowGroup is some lines of a file: good rows, and the problems of the others by line.
type rowGroup[R any] struct {
	numbers  []int // of all lines
	rows     []R
	problems map[int]*problem.Problem
}

func (g registry[R]) readGroup(stream *stream) (rowGroup[R], error) {
	group := rowGroup[R]{problems: map[int]*problem.Problem{}}
	for len(group.numbers) < maxGroupRows {
		line, err := stream.lines.Next()
		if err != nil {
			return group, err
		}
		group.numbers = append(group.numbers, line.Number)
		var row R
		var p *problem.Problem
		if line.TooLong {
			p = lineTooLong(maxRow)
		} else if p = readRow(line.Data, &row); p == nil {
			p = g.check(&row)
		}
		if p != nil {
			group.problems[line.Number] = p
			continue
		}
		group.rows = append(group.rows, row)
	}
	return group, nil
}

func (g registry[R]) putGroup(ctx context.Context, stream *stream, group rowGroup[R], summary *rowSummary) error {
	results, err := g.put(ctx, group.rows)
	if err != nil {
		return err
	}
	for _, number := range group.numbers {
		p := group.problems[number]
		if p == nil {
			p = results[0].Problem
			if p == nil {
				summary.count(results[0].Change)
			}
			results = results[1:]
		}
		if p == nil {
			continue
		}
		summary.Rejected++
		if err := stream.write(rowProblem{number, "rejected", p}); err != nil {
			return err
		}
	}
	return stream.flush()
}
