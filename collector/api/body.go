package api

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/tillproof/tillproof/collector/problem"
)

// maxRow bounds the JSON of one registration.
const maxRow = 64 << 10

// readBody reads a body of limited size.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return nil, problem.New(http.StatusUnsupportedMediaType, "content-encoding", "Content-Encoding not known here",
			"send this body as it is, not compressed")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var tooLarge *http.MaxBytesError
	if err != nil && !errors.As(err, &tooLarge) {
		return nil, problem.New(http.StatusBadRequest, "incomplete", "Incomplete body", "the body could not be read to its end")
	}
	return body, err
}

// readRow reads a registration. Unknown and repeated fields are refused, so that no typo passes silently.
func readRow(data []byte, row any) *problem.Problem {
	err := json.Unmarshal(data, row, json.RejectUnknownMembers(true))
	var semantic *json.SemanticError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &semantic):
		return problem.Invalid(fieldOf(semantic))
	}
	p := problem.New(http.StatusBadRequest, "malformed", "Malformed JSON", "the body is not one JSON object")
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		p.Detail = fmt.Sprintf("the body is not one JSON object: %v, at byte %d", syntax.Err, syntax.ByteOffset)
	}
	return p
}

func fieldOf(err *json.SemanticError) problem.Field {
	field := problem.Field{Pointer: string(err.JSONPointer), Rule: "type"}
	switch {
	case errors.Is(err.Err, json.ErrUnknownName):
		field.Rule, field.Detail = "unknown-field", "is no field of this"
	default:
		field.Detail = fmt.Sprintf("is not %s", wanted(err.GoType))
	}
	return field
}

func wanted(t reflect.Type) string {
	if t == nil {
		return "what is expected here"
	}
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Slice:
		return "a list"
	case reflect.Struct:
		return "an object"
	}
	return "what is expected here"
}
