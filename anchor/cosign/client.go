package cosign

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/ethereum/go-ethereum/common"

	"github.com/tillproof/tillproof/anchor/statement"
)

// A Client asks a witness.
type Client struct {
	URL    *url.URL
	Signer common.Address // the account that the witness signs with, known beforehand
	HTTP   *http.Client
}

// Cosign gets the witness's signature, and checks that it is one. Errors are ErrRefused or ErrNotYet.
func (c Client) Cosign(ctx context.Context, checkpoint statement.Checkpoint, byRetail statement.Signature) (statement.Signature, error) {
	body, err := json.Marshal(newRequest(checkpoint, byRetail))
	if err != nil {
		return statement.Signature{}, fmt.Errorf("ask the witness: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL.JoinPath(Path).String(), bytes.NewReader(body))
	if err != nil {
		return statement.Signature{}, fmt.Errorf("ask the witness: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	response, err := c.HTTP.Do(r)
	if err != nil {
		return statement.Signature{}, fmt.Errorf("%w: %w", ErrNotYet, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxSize))
	if err != nil {
		return statement.Signature{}, fmt.Errorf("%w: %w", ErrNotYet, err)
	}
	if response.StatusCode != http.StatusOK {
		return statement.Signature{}, refusal(response.StatusCode, text)
	}
	var a answer
	if err := json.Unmarshal(text, &a); err != nil {
		return a.Signature, fmt.Errorf("%w: its answer cannot be read: %w", ErrNotYet, err)
	}
	if err := a.Signature.Verify(checkpoint, c.Signer); err != nil {
		return a.Signature, fmt.Errorf("%w: it answered with another signature: %w", ErrRefused, err)
	}
	return a.Signature, nil
}

func refusal(status int, text []byte) error {
	var p problem
	if json.Unmarshal(text, &p) != nil || p.Detail == "" {
		p.Detail = http.StatusText(status)
	}
	if status == http.StatusConflict || status == http.StatusBadRequest {
		return fmt.Errorf("%w: %s", ErrRefused, p.Detail)
	}
	return fmt.Errorf("%w: %s", ErrNotYet, p.Detail)
}
