// Package cosigner brings the log's newest checkpoint to the witness, and keeps it with the witness's signature on. It is
// the log's side of C2SP tlog-witness. A witness that is away, or refuses, holds up nothing: proofs are made under the last
// checkpoint it signed, or under the operator's signature alone.
package cosigner

import (
	"bytes"
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

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/tillproof/tillproof/domain/checkpoint"
	"github.com/tillproof/tillproof/domain/tiles"
	"github.com/tillproof/tillproof/hotstate"
)

const (
	interval  = time.Second
	patience  = 15 * time.Second // of one request: the witness waits for its own peer
	maxPause  = 30 * time.Second
	maxAnswer = 4 << 10
)

// A Cosigner is run once.
type Cosigner struct {
	Pool     *pgxpool.Pool
	URL      string         // of the witness
	Operator checkpoint.Key // ours
	Witness  checkpoint.Key // an answer that is not signed with it is none
}

// Run works until the context ends.
func (c *Cosigner) Run(ctx context.Context) {
	pause := interval
	for {
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
		err := c.Step(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			pause = min(2*pause, maxPause)
			slog.WarnContext(ctx, "the witness has not signed the log", "error", err)
		default:
			pause = interval
		}
	}
}

// Step has the newest checkpoint signed, if it is not yet.
func (c *Cosigner) Step(ctx context.Context) error {
	witnessed, err := hotstate.ReadWitnessedCheckpoint(ctx, c.Pool)
	if err != nil {
		return err
	}
	old := witnessed.Size
	for range 2 { // the second time from where the witness says it is
		newest, proof, err := c.prepare(ctx, old)
		if err != nil || newest.Size <= witnessed.Size {
			return err
		}
		line, at, err := c.post(ctx, old, proof, newest.Signed)
		if errors.Is(err, errOldSize) && at != old && at <= newest.Size {
			old = at
			continue
		}
		if err != nil {
			return err
		}
		return c.keep(ctx, newest, line)
	}
	return errOldSize
}

// prepare reads the newest checkpoint, and the proof that it extends the log of an earlier size.
func (c *Cosigner) prepare(ctx context.Context, old int64) (newest hotstate.LogCheckpoint, proof tlog.TreeProof, err error) {
	snapshot := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err = pgx.BeginTxFunc(ctx, c.Pool, snapshot, func(tx pgx.Tx) error {
		if newest, err = hotstate.ReadLogCheckpoint(ctx, tx); err != nil || old == 0 || newest.Size <= old {
			return err
		}
		proof, err = tlog.ProveTree(newest.Size, old, tiles.Reader(func(ids []tiles.ID) (map[tiles.ID][]byte, error) {
			return hotstate.ReadTiles(ctx, tx, ids)
		}))
		return err
	})
	if err != nil {
		return newest, nil, fmt.Errorf("prove that the log only grew: %w", err)
	}
	return newest, proof, nil
}

// errOldSize says that the witness has signed another size last.
var errOldSize = errors.New("the witness signed another size last")

// post asks the witness, and gives the line of its signature; with errOldSize, the size it signed last.
func (c *Cosigner) post(ctx context.Context, old int64, proof tlog.TreeProof, signed string) (string, int64, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var body bytes.Buffer
	fmt.Fprintf(&body, "old %d\n", old)
	for _, hash := range proof {
		body.WriteString(base64.StdEncoding.EncodeToString(hash[:]) + "\n")
	}
	body.WriteString("\n" + signed)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(c.URL, "/")+"/add-checkpoint", &body)
	if err != nil {
		return "", 0, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", 0, fmt.Errorf("ask the witness: %w", err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return "", 0, fmt.Errorf("ask the witness: %w", err)
	}
	text := strings.TrimSpace(string(answer))
	switch response.StatusCode {
	case http.StatusOK:
		return text + "\n", 0, nil
	case http.StatusConflict:
		size, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return "", 0, fmt.Errorf("the witness answers %s: %.200q", response.Status, text)
		}
		return "", size, errOldSize
	}
	return "", 0, fmt.Errorf("the witness answers %s: %.200q", response.Status, text)
}

// keep stores the checkpoint with both signatures, after it has verified them.
func (c *Cosigner) keep(ctx context.Context, newest hotstate.LogCheckpoint, line string) error {
	newest.Signed += line
	if _, _, err := checkpoint.OpenExactly(newest.Signed, c.Operator, c.Witness); err != nil {
		return fmt.Errorf("the witness's answer: %w", err)
	}
	return hotstate.StoreWitnessedCheckpoint(ctx, c.Pool, newest)
}
