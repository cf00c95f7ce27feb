// Package proof is the bundle by which anyone shows that a ticket was recorded, and its verification, which needs no
// server. docs/proof.md specifies both, so that a verifier can be written in another language from it alone.
//
// A bundle is one JSON value in the form of RFC 8785. Every byte of it is covered: by a hash that leads to the signed
// checkpoint, by a signature, or by being the only form that the same content has.
//
//	{"checkpoint": the signed checkpoint (package checkpoint),
//	 "log":    {"channel": …, "index": …, "path": [hex, …], "ticketKey": hex},
//	 "ethereum": null, or the evidence that Ethereum holds a root of the log (anchorJSON; package anchor),
//	 "ticket": {"shown": [{"label": …, "position": …, "salt": hex, "value": …}, …], "siblings": [hex, …], "size": …},
//	 "version": 2}
//
// ticket is a commitment.Disclosure; its root and the ticket key make the entry of the log (package ledger) that log
// leads to the checkpoint's root, by the audit path of RFC 6962, section 2.1.1. Bundles of version 1 are the same without
// the member ethereum.
package proof

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/tillproof/tillproof/domain/commitment"
	"github.com/tillproof/tillproof/domain/ledger"
)

// Version is that of the bundles made here; those of the versions before it are still read.
const (
	Version      = 2
	firstVersion = 1 // without evidence on Ethereum
)

// MaxSize bounds a bundle: a ticket has at most 1 MiB, and each of its 5,000 lines a salt and a label.
const MaxSize = 8 << 20

// A Bundle is what is shown of a ticket, with its place in the log.
type Bundle struct {
	Version    int    // 0: the newest
	Checkpoint string // signed
	Channel    string
	TicketKey  ledger.TicketKey
	Index      int64 // of the entry in the log
	Path       []tlog.Hash
	Ticket     commitment.Disclosure
	Anchor     *Anchor // nil: it was not anchored when the bundle was made
}

// The JSON form.
type bundleJSON struct {
	Checkpoint string         `json:"checkpoint"`
	Ethereum   jsontext.Value `json:"ethereum,omitzero"` // from version 2 on it is there, null or an anchorJSON
	Log        logJSON        `json:"log"`
	Ticket     ticketJSON     `json:"ticket"`
	Version    int            `json:"version"`
}

type logJSON struct {
	Channel   string `json:"channel"`
	Index     int64  `json:"index"`
	Path      []hash `json:"path"`
	TicketKey hash   `json:"ticketKey"`
}

type ticketJSON struct {
	Shown    []leafJSON `json:"shown"`
	Siblings []hash     `json:"siblings"`
	Size     int        `json:"size"`
}

type leafJSON struct {
	Label    string         `json:"label"`
	Position int            `json:"position"`
	Salt     hash           `json:"salt"`
	Value    jsontext.Value `json:"value"`
}

// A hash is written as 64 lower-case hex digits.
type hash [32]byte

func (h hash) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h[:]), nil }

func (h *hash) UnmarshalText(text []byte) error {
	if len(text) != 2*len(h) {
		return fmt.Errorf("%d characters are not the 64 hex digits of a hash", len(text))
	}
	_, err := hex.Decode(h[:], text)
	return err
}

// Encode gives the bundle's bytes.
func (b *Bundle) Encode() ([]byte, error) {
	form := bundleJSON{
		Checkpoint: b.Checkpoint,
		Log:        logJSON{Channel: b.Channel, Index: b.Index, Path: []hash{}, TicketKey: hash(b.TicketKey)},
		Ticket:     ticketJSON{Shown: []leafJSON{}, Siblings: []hash{}, Size: b.Ticket.Size},
		Version:    cmp.Or(b.Version, Version),
	}
	if err := form.setEthereum(b.Anchor); err != nil {
		return nil, fmt.Errorf("encode a proof: %w", err)
	}
	for _, node := range b.Path {
		form.Log.Path = append(form.Log.Path, hash(node))
	}
	for _, leaf := range b.Ticket.Shown {
		form.Ticket.Shown = append(form.Ticket.Shown, leafJSON{leaf.Label, leaf.Position, leaf.Salt, leaf.Value})
	}
	for _, node := range b.Ticket.Siblings {
		form.Ticket.Siblings = append(form.Ticket.Siblings, node)
	}
	encoded, err := json.Marshal(form)
	if err != nil {
		return nil, fmt.Errorf("encode a proof: %w", err)
	}
	if err := (*jsontext.Value)(&encoded).Canonicalize(); err != nil {
		return nil, fmt.Errorf("encode a proof: %w", err)
	}
	return encoded, nil
}

// Decode reads a bundle, which must be in the one form that Encode gives it. It verifies nothing.
func Decode(encoded []byte) (*Bundle, error) {
	if len(encoded) > MaxSize {
		return nil, fmt.Errorf("a proof has at most %d bytes, this has %d", MaxSize, len(encoded))
	}
	var version struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(encoded, &version); err != nil {
		return nil, fmt.Errorf("this is not a proof bundle: %w", err)
	}
	if version.Version < firstVersion || version.Version > Version {
		return nil, fmt.Errorf("a proof of version %d is not known here, only versions %d to %d", version.Version, firstVersion, Version)
	}
	var form bundleJSON
	if err := json.Unmarshal(encoded, &form, json.RejectUnknownMembers(true)); err != nil {
		return nil, fmt.Errorf("this is not a proof bundle: %w", err)
	}
	b := &Bundle{
		Version:    form.Version,
		Checkpoint: form.Checkpoint,
		Channel:    form.Log.Channel,
		TicketKey:  ledger.TicketKey(form.Log.TicketKey),
		Index:      form.Log.Index,
		Ticket:     commitment.Disclosure{Size: form.Ticket.Size},
	}
	for _, node := range form.Log.Path {
		b.Path = append(b.Path, tlog.Hash(node))
	}
	for _, leaf := range form.Ticket.Shown {
		b.Ticket.Shown = append(b.Ticket.Shown, commitment.PlacedLeaf{Position: leaf.Position,
			Leaf: commitment.Leaf{Label: leaf.Label, Salt: leaf.Salt, Value: leaf.Value}})
	}
	for _, node := range form.Ticket.Siblings {
		b.Ticket.Siblings = append(b.Ticket.Siblings, node)
	}
	var err error
	if b.Anchor, err = form.anchor(); err != nil {
		return nil, fmt.Errorf("this is not a proof bundle: ethereum: %w", err)
	}
	if again, err := b.Encode(); err != nil || !bytes.Equal(again, encoded) {
		return nil, errors.New("the bundle is not in the one form it has (RFC 8785, nothing before or behind): it was changed on its way")
	}
	return b, nil
}
