package api

import (
	"github.com/gorilla/mux"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/tillproof/tillproof/collector/registration"
)

// OpenAPI is exported to be held against Router.
var OpenAPI = openAPI

// The two ways of a cursor, exported to be fuzzed.
var (
	EncodeCursor = encodeCursor
	DecodeCursor = decodeCursor
)

// Router is that of a server that has nothing behind it.
func Router() *mux.Router {
	return New(Config{Metrics: prometheus.NewRegistry(), Registrations: &registration.Service{}}).router()
}
