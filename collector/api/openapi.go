package api

import (
	_ "embed"
	"net/http"

	"github.com/tillproof/tillproof/collector/auth"
)

// openAPI describes the interface, version 3.1. A test holds it against the routes.
//
//go:embed openapi.json
var openAPI []byte

func (s *Server) getOpenAPI(w http.ResponseWriter, _ *http.Request, _ auth.Caller) error {
	w.Header().Set("Content-Type", "application/json")
	w.Write(openAPI)
	return nil
}
