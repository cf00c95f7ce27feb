// Package api is the witness's HTTP interface: C2SP tlog-witness, and what an operator of programs asks for.
package api

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/tillproof/tillproof/witness/witness"
)

const (
	maxRequest = 64 << 10         // a proof has at most 63 hashes
	patience   = 10 * time.Second // how long a checkpoint waits for the peer to come as far
)

// New makes the handler. ready is asked beside the witness itself.
func New(w *witness.Witness, ready func(ctx context.Context) error) http.Handler {
	s := &server{w}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /add-checkpoint", s.addCheckpoint)
	mux.HandleFunc("GET /key", func(out http.ResponseWriter, _ *http.Request) { fmt.Fprintln(out, w.Key()) })
	mux.HandleFunc("GET /healthz", func(out http.ResponseWriter, _ *http.Request) { fmt.Fprintln(out, "ok") })
	mux.HandleFunc("GET /readyz", func(out http.ResponseWriter, r *http.Request) {
		if err := errors.Join(w.Ready(r.Context()), ready(r.Context())); err != nil {
			http.Error(out, err.Error(), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(out, "ready")
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(metrics(w), promhttp.HandlerOpts{}))
	return mux
}

type server struct{ witness *witness.Witness }

func (s *server) addCheckpoint(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		http.Error(w, "the request is longer than any of its kind", http.StatusRequestEntityTooLarge)
		return
	}
	request, err := parse(string(body))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	line, err := s.witness.Cosign(ctx, request)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	io.WriteString(w, line)
}

// refuse answers as tlog-witness wants it.
func (s *server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, witness.ErrUnknown):
		http.Error(w, witness.ErrUnknown.Error(), http.StatusForbidden)
	case errors.Is(err, witness.ErrRewound), errors.Is(err, witness.ErrOldSize):
		size, sizeErr := s.witness.Vouched()
		if sizeErr != nil {
			s.internal(w, r, sizeErr)
			return
		}
		w.Header().Set("Content-Type", "text/x.tlog.size")
		w.WriteHeader(http.StatusConflict)
		fmt.Fprintln(w, size)
	case errors.Is(err, witness.ErrProof):
		http.Error(w, witness.ErrProof.Error(), http.StatusUnprocessableEntity)
	case errors.Is(err, witness.ErrNotOurs):
		http.Error(w, witness.ErrNotOurs.Error(), http.StatusUnprocessableEntity)
	case errors.Is(err, witness.ErrAhead):
		w.Header().Set("Retry-After", "5")
		http.Error(w, witness.ErrAhead.Error(), http.StatusServiceUnavailable)
	default:
		s.internal(w, r, err)
	}
}

func (s *server) internal(w http.ResponseWriter, r *http.Request, err error) {
	slog.ErrorContext(r.Context(), "request failed", "path", r.URL.Path, "error", err)
	http.Error(w, "something went wrong here", http.StatusInternalServerError)
}

// parse reads a request of tlog-witness: "old " and a size, the hashes of the proof a line each, an empty line, and the
// signed checkpoint.
func parse(body string) (witness.Request, error) {
	var request witness.Request
	head, signed, found := strings.Cut(body, "\n\n")
	lines := strings.Split(head, "\n")
	old, isOld := strings.CutPrefix(lines[0], "old ")
	size, err := strconv.ParseInt(old, 10, 64)
	if !found || !isOld || err != nil || size < 0 || len(lines) > 64 {
		return request, errors.New("the request does not begin with the old size and a consistency proof")
	}
	request.OldSize, request.Signed = size, signed
	for _, line := range lines[1:] {
		hash, err := base64.StdEncoding.Strict().DecodeString(line)
		if err != nil || len(hash) != tlog.HashSize {
			return request, fmt.Errorf("%.60q is not a hash", line)
		}
		request.Proof = append(request.Proof, tlog.Hash(hash))
	}
	return request, nil
}

func metrics(w *witness.Witness) *prometheus.Registry {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "tillproof_witness_log_size", Help: "Entries of the witness's own log."},
			func() float64 { return float64(w.Size()) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "tillproof_witness_alarms_total", Help: "Checkpoints that are not the ledger's."},
			func() float64 { return float64(w.Alarms()) }),
	)
	return registry
}
