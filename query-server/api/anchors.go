package api

import (
	"context"
	"encoding/hex"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/query-server/token"
)

// An anchor is written as Ethereum's own tools write such things: hashes and addresses as 0x and hex digits.
type anchor struct {
	Size         int64          `json:"size"`
	Root         string         `json:"root"`
	PreviousSize int64          `json:"previousSize"`
	PreviousRoot string         `json:"previousRoot"`
	ChainID      int64          `json:"chainId"`
	Contract     string         `json:"contract"`
	Epoch        int64          `json:"epoch"`
	Transaction  string         `json:"transaction"`
	Block        int64          `json:"block"`
	BlockHash    string         `json:"blockHash"`
	Time         time.Time      `json:"time"`
	Final        bool           `json:"final"`
	GasUsed      *int64         `json:"gasUsed,omitempty"`
	CostWei      *string        `json:"costWei,omitempty"` // decimal: it goes beyond what JavaScript's numbers hold
	Signatures   *anchorSigners `json:"signatures,omitempty"`
}

type anchorSigners struct {
	Retail string `json:"retail"`
	Brands string `json:"brands"`
}

// anchors lists the roots that Ethereum holds, the newest first. They are public, as their source is.
func (s *server) anchors(w http.ResponseWriter, r *http.Request) {
	r = r.WithContext(context.WithValue(r.Context(), callerKey, token.Claims{})) // cursors are the caller's, and this is anyone
	p := readParameters(r, "limit", "cursor")
	limit := p.limit()
	if err := p.err(); err != nil {
		s.fail(w, r, err)
		return
	}
	var position hotstate.AnchorPosition
	after := &position
	if more, err := s.cursors.decode(r, after); err != nil {
		s.fail(w, r, err)
		return
	} else if !more {
		after = nil
	}
	var list []hotstate.ListedAnchor
	err := hotstate.AsLogReader(r.Context(), s.Pool, func(tx pgx.Tx) (err error) {
		list, err = hotstate.ListAnchors(r.Context(), tx, after, limit+1)
		return err
	})
	if err != nil {
		s.fail(w, r, err)
		return
	}
	answer := page[anchor]{Items: []anchor{}}
	for i, a := range list {
		if i == limit {
			last := list[limit-1]
			answer.NextCursor, err = s.cursors.encode(r, hotstate.AnchorPosition{Size: last.Size, ChainID: last.ChainID, Contract: last.Contract})
			break
		}
		answer.Items = append(answer.Items, anchorAnswer(a))
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, answer)
}

func anchorAnswer(a hotstate.ListedAnchor) anchor {
	answer := anchor{
		Size: a.Size, Root: hexText(a.Root), PreviousSize: a.PreviousSize, PreviousRoot: hexText(a.PreviousRoot),
		ChainID: a.ChainID, Contract: hexText(a.Contract), Epoch: a.Epoch, Transaction: hexText(a.Transaction),
		Block: a.Block, BlockHash: hexText(a.BlockHash), Time: a.At.UTC(), Final: a.Final,
		GasUsed: a.GasUsed, CostWei: a.Wei,
	}
	if a.RetailSignature != nil && a.BrandsSignature != nil {
		answer.Signatures = &anchorSigners{hexText(a.RetailSignature), hexText(a.BrandsSignature)}
	}
	return answer
}

func hexText(bytes []byte) string { return "0x" + hex.EncodeToString(bytes) }
