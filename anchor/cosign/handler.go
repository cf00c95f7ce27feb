package cosign

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"

	"github.com/ethereum/go-ethereum/common"

	"github.com/tillproof/tillproof/anchor/statement"
)

// A Policy decides whether the witness may sign. It must have rebuilt the log by itself, and look at the contract by its
// own node. An error that is ErrRefused tells the other side why; any other counts as "not yet" and is not told.
type Policy func(ctx context.Context, c statement.Checkpoint) error

// A Signer signs for the witness; package key has some.
type Signer interface {
	SignStatement(ctx context.Context, s statement.Statement) (statement.Signature, error)
}

// A Handler is what a witness mounts at Path.
type Handler struct {
	Other  common.Address // the first organisation's account: whoever else asks is not answered
	Policy Policy
	Signer Signer
	Log    *slog.Logger
}

func (h Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		h.refuse(w, http.StatusMethodNotAllowed, "method-not-allowed", "Ask by POST.")
		return
	}
	var asked request
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxSize))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&asked); err != nil {
		h.refuse(w, http.StatusBadRequest, "bad-request", "The body is not a request for a cosignature: "+err.Error()+".")
		return
	}
	checkpoint := asked.checkpoint()
	if err := asked.Signature.Verify(checkpoint, h.Other); err != nil {
		h.refuse(w, http.StatusConflict, "not-signed", "The checkpoint is not signed by "+h.Other.Hex()+".")
		return
	}
	if err := h.Policy(r.Context(), checkpoint); err != nil {
		h.fail(w, r, checkpoint, err)
		return
	}
	signature, err := h.Signer.SignStatement(r.Context(), checkpoint)
	if err != nil {
		h.fail(w, r, checkpoint, err)
		return
	}
	h.write(w, http.StatusOK, "application/json", answer{signature})
}

// fail tells a refusal, which is for the other side, and keeps an internal error.
func (h Handler) fail(w http.ResponseWriter, r *http.Request, c statement.Checkpoint, err error) {
	if errors.Is(err, ErrRefused) {
		h.Log.ErrorContext(r.Context(), "refused to sign a checkpoint", "size", c.Next.Size, "root", c.Next.Root, "error", err)
		h.refuse(w, http.StatusConflict, "refused", err.Error())
		return
	}
	h.Log.WarnContext(r.Context(), "cannot sign a checkpoint yet", "size", c.Next.Size, "error", err)
	w.Header().Set("Retry-After", "5")
	h.refuse(w, http.StatusServiceUnavailable, "not-yet", "The witness cannot tell yet. Ask again.")
}

func (h Handler) refuse(w http.ResponseWriter, status int, kind, detail string) {
	h.write(w, status, "application/problem+json",
		problem{Type: "urn:tillproof:problem:" + kind, Title: http.StatusText(status), Status: status, Detail: detail})
}

func (h Handler) write(w http.ResponseWriter, status int, contentType string, body any) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		h.Log.Warn("answer a request for a cosignature", "error", err)
	}
}
