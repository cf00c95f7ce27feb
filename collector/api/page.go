package api

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/tillproof/tillproof/collector/problem"
	"github.com/tillproof/tillproof/hotstate"
)

// Limits of a list.
const (
	defaultLimit = 100
	maxLimit     = 1000
)

// writePage answers with a part of a list, and with a cursor if there is more.
func writePage[R any](w http.ResponseWriter, r *http.Request,
	list func(*http.Request, hotstate.Page) ([]R, error), cursor func(R) []string) error {
	page, err := readPage(r)
	if err != nil {
		return err
	}
	limit := page.Limit
	page.Limit++ // one more tells whether there is a next page
	rows, err := list(r, page)
	if err != nil {
		return err
	}
	answer := struct {
		Items      []R     `json:"items"`
		NextCursor *string `json:"nextCursor"`
	}{Items: rows}
	if rows == nil {
		answer.Items = []R{}
	}
	if len(rows) > limit {
		answer.Items = rows[:limit]
		next := encodeCursor(cursor(rows[limit-1]))
		answer.NextCursor = &next
	}
	return writeJSON(w, http.StatusOK, answer)
}

func readPage(r *http.Request) (hotstate.Page, error) {
	query := r.URL.Query()
	page := hotstate.Page{Search: query.Get("search"), Limit: defaultLimit}
	if text := query.Get("limit"); text != "" {
		limit, err := strconv.Atoi(text)
		if err != nil || limit < 1 || limit > maxLimit {
			return page, badParameter("limit", "is not a number from 1 to 1000")
		}
		page.Limit = limit
	}
	if text := query.Get("cursor"); text != "" {
		after, ok := decodeCursor(text)
		if !ok {
			return page, badParameter("cursor", "is not the nextCursor of an answer")
		}
		page.After = after
	}
	return page, nil
}

// A cursor is the key of the last row seen, as JSON in base64url. It gives nothing away: who may list may see every row.
func encodeCursor(key []string) string {
	text, _ := json.Marshal(key) // strings always encode
	return base64.RawURLEncoding.EncodeToString(text)
}

func decodeCursor(text string) (key []string, ok bool) {
	decoded, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || json.Unmarshal(decoded, &key) != nil || len(key) == 0 {
		return nil, false
	}
	for _, part := range key {
		if !isText(part) {
			return nil, false
		}
	}
	return key, true
}

func badParameter(name, detail string) *problem.Problem {
	return problem.New(http.StatusBadRequest, "parameter", "Bad parameter", "%s %s", name, detail)
}
