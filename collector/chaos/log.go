package chaos

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/tillproof/tillproof/domain/checkpoint"
	"github.com/tillproof/tillproof/network/servers"
)

// maxCheckpoint bounds the text of a checkpoint.
const maxCheckpoint = 64 << 10

// signedLog is the log's newest checkpoint, which operator and witness must both have signed.
func (s *system) signedLog(ctx context.Context) (c checkpoint.Checkpoint, err error) {
	operator, err := checkpoint.ParseKey(s.env.Get("TILLPROOF_LOG_KEY"))
	if err != nil {
		return c, fmt.Errorf("the log's key: %w", err)
	}
	witness, err := checkpoint.ParseKey(s.env.Get("TILLPROOF_WITNESS_KEY"))
	if err != nil {
		return c, fmt.Errorf("the witness's key: %w", err)
	}
	response, err := s.anyone().Do(ctx, http.MethodGet, s.servers.Query+"/v1/log/checkpoint", "", nil)
	if err != nil {
		return c, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxCheckpoint))
	if err != nil {
		return c, err
	}
	c, _, err = checkpoint.Open(string(text), operator, witness)
	return c, err
}

// anchor is what Ethereum holds of the log.
type anchor struct {
	Size int64
	Root string
}

// newestAnchor has size 0 if there is none.
func (s *system) newestAnchor(ctx context.Context) (a anchor, err error) {
	var anchors struct{ Items []anchor }
	err = s.anyone().Send(ctx, http.MethodGet, s.servers.Query+"/v1/anchors?limit=1", nil, &anchors)
	if len(anchors.Items) > 0 {
		a = anchors.Items[0]
	}
	return a, err
}

// awaitAnchor waits until Ethereum holds the root of all that is recorded. If it does not come, the balance tells.
func (s *system) awaitAnchor(ctx context.Context) error {
	err := await(ctx, anchoredWithin, errLate, func() bool {
		signed, err := s.signedLog(ctx)
		if err != nil {
			return false
		}
		anchored, err := s.newestAnchor(ctx)
		return err == nil && anchored.Size >= signed.Size
	})
	if ctx.Err() != nil {
		return err
	}
	return nil
}

// compareLog rebuilds the log from each peer, and holds it against what operator and witness signed and Ethereum keeps.
func (s *system) compareLog(ctx context.Context, b *Balance) error {
	signed, err := s.signedLog(ctx)
	if err != nil {
		b.differ("the log: %v", err)
		return nil
	}
	b.LogSize = signed.Size
	for _, p := range s.peers {
		size, root, err := p.log(ctx)
		if err != nil {
			return fmt.Errorf("rebuild the log from the %s: %w", p.name, err)
		}
		if size != signed.Size || root != signed.Root {
			b.differ("the log has %d entries with root %v, the %s has %d with root %v", signed.Size, signed.Root, p.name, size, root)
		}
	}
	anchored, err := s.newestAnchor(ctx)
	if err != nil {
		return err
	}
	b.Anchored = anchored.Size
	if anchored.Size != signed.Size || !strings.EqualFold(anchored.Root, "0x"+hex.EncodeToString(signed.Root[:])) {
		b.differ("Ethereum holds the log with %d entries and root %s, it has %d and root %x", anchored.Size, anchored.Root, signed.Size, signed.Root)
	}
	return nil
}

// anyone may ask for the log and its anchors; the administrator's session may have ended by then.
func (s *system) anyone() servers.Caller { return servers.Caller{Servers: s.servers} }
