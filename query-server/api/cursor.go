package api

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
)

// cursors makes and reads the cursors of lists:
//
//	base64url( HMAC-SHA256(secret, path ‖ 0 ‖ subject ‖ 0 ‖ query ‖ 0 ‖ position)[:16] ‖ position )
//
// where position is JSON and query the request's own without cursor and limit. A cursor continues the list it came from,
// for the same caller; anything else is refused.
type cursors struct{ secret []byte }

const (
	cursorMAC = 16
	maxCursor = 2048
)

func (c cursors) mac(r *http.Request, position []byte) []byte {
	query := r.URL.Query()
	query.Del("cursor")
	query.Del("limit")
	h := hmac.New(sha256.New, c.secret)
	for _, part := range []string{r.URL.Path, caller(r).Subject, query.Encode()} {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	h.Write(position)
	return h.Sum(nil)[:cursorMAC]
}

// encode gives the cursor that continues after position.
func (c cursors) encode(r *http.Request, position any) (*string, error) {
	text, err := json.Marshal(position)
	if err != nil {
		return nil, err
	}
	cursor := base64.RawURLEncoding.EncodeToString(append(c.mac(r, text), text...))
	return &cursor, nil
}

// decode reads the request's cursor into position; false if it has none.
func (c cursors) decode(r *http.Request, position any) (bool, error) {
	cursor := r.URL.Query().Get("cursor")
	if cursor == "" {
		return false, nil
	}
	bytes, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(cursor) > maxCursor || len(bytes) < cursorMAC || !hmac.Equal(bytes[:cursorMAC], c.mac(r, bytes[cursorMAC:])) {
		return false, badParameter("cursor", "cursor", "it is not a cursor of this list; start again without it")
	}
	return true, json.Unmarshal(bytes[cursorMAC:], position)
}

// A page is a list's answer.
type page[T any] struct {
	Items      []T     `json:"items"`
	NextCursor *string `json:"nextCursor"`
}
