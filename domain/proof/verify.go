package proof

import (
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/tillproof/tillproof/domain/anchor"
	"github.com/tillproof/tillproof/domain/checkpoint"
	"github.com/tillproof/tillproof/domain/ledger"
)

// Trust is what the verifier knows beforehand, and never takes from a bundle.
type Trust struct {
	Operator checkpoint.Key // of the log, whose name it has
	Witness  checkpoint.Key // of the other organisation; zero: it is not asked for, and must not be there
	Ethereum *anchor.Trust  // nil: nothing is known of Ethereum, and no anchor must be there

	WithoutEthereum bool // an anchor may be there, and is not looked at
}

func (t Trust) keys() []checkpoint.Key {
	if t.Witness == (checkpoint.Key{}) {
		return []checkpoint.Key{t.Operator}
	}
	return []checkpoint.Key{t.Operator, t.Witness}
}

// Verified is what a bundle proves.
type Verified struct {
	Shown      jsontext.Value // what is shown of the ticket, an object in the form of RFC 8785
	Channel    string
	TicketKey  ledger.TicketKey
	Commitment [32]byte
	Index      int64
	Log        checkpoint.Checkpoint
	Witnessed  time.Time // when the witness signed; zero: no witness was asked for
	Anchored   *Anchored // nil: the bundle has no anchor
	Steps      []Step
	Words      []string // what is only somebody's word
}

// A Step is one thing that was checked, and what it means.
type Step struct {
	Checked string `json:"checked"`
	Means   string `json:"means"`
}

// ErrUnchecked refuses a bundle with an anchor where nothing is known by which it could be checked.
var ErrUnchecked = errors.New("the bundle has an anchor on Ethereum, and chain, contract and accounts to check it by are not given")

// Verify checks a bundle against what is trusted.
func Verify(b *Bundle, trust Trust) (*Verified, error) {
	if len(b.Channel) == 0 || len(b.Channel) > maxChannel {
		return nil, fmt.Errorf("a channel's name has 1 to %d bytes, this has %d", maxChannel, len(b.Channel))
	}
	signed, witnessed, err := checkpoint.OpenExactly(b.Checkpoint, trust.keys()...)
	if err != nil {
		return nil, err
	}
	root, err := b.Ticket.Root()
	if err != nil {
		return nil, fmt.Errorf("ticket: %w", err)
	}
	if len(b.Path) > maxPath {
		return nil, errors.New("log: the path is longer than any log's")
	}
	leaf := tlog.RecordHash(ledger.LogEntry(b.Channel, b.TicketKey, root))
	if err := tlog.CheckRecord(b.Path, signed.Size, signed.Root, b.Index, leaf); err != nil {
		return nil, fmt.Errorf("log: what is shown of the ticket does not lead to the signed root: it was changed, or never recorded")
	}
	shown, err := assemble(b.Ticket.Shown)
	if err != nil {
		return nil, fmt.Errorf("ticket: %w", err)
	}
	v := &Verified{
		Shown: shown, Channel: b.Channel, TicketKey: b.TicketKey, Commitment: root, Index: b.Index,
		Log: signed, Witnessed: witnessed,
	}
	v.Steps = v.steps(len(b.Ticket.Shown), trust)
	if err := v.verifyAnchor(b.Anchor, trust); err != nil {
		return nil, fmt.Errorf("ethereum: %w", err)
	}
	v.Words = v.words(trust)
	return v, nil
}

const (
	maxPath    = 63
	maxChannel = 249 // Fabric's own limit
)

// steps says in words what Verify has checked, in the order in which one thing rests on the other.
func (v *Verified) steps(shown int, trust Trust) []Step {
	steps := []Step{
		{fmt.Sprintf("%d fields and lines hash to the commitment %s", shown, hex.EncodeToString(v.Commitment[:])),
			"They belong to one ticket, and none of them was changed. What is not shown stays hidden."},
		{fmt.Sprintf("The commitment is entry %d of %d in the log, under ticket key %s of channel %q", v.Index, v.Log.Size, v.TicketKey, v.Channel),
			"The log has it in this place, and it cannot be changed or removed without changing the root."},
		{fmt.Sprintf("%s has signed the log's root %s", trust.Operator.Name(), hex.EncodeToString(v.Log.Root[:])),
			"The log's operator stands by this log of this size."},
	}
	if trust.Witness == (checkpoint.Key{}) {
		return append(steps, Step{"No witness's key was given", "That the operator shows everybody the same log is the operator's word alone."})
	}
	return append(steps, Step{
		fmt.Sprintf("%s has cosigned it at %s", trust.Witness.Name(), v.Witnessed.Format(time.RFC3339)),
		"The other organisation rebuilt the same log from its own peer, and had seen it only grow. The time is the witness's word.",
	})
}

// words are what no proof can show, and whose word it is.
func (v *Verified) words(trust Trust) []string {
	words := []string{"That the sale took place is the retailer's word."}
	if trust.Witness != (checkpoint.Key{}) {
		words = append(words, "When the witness signed is the witness's word.")
	}
	return append(words, fmt.Sprintf("That no return of it is known as of size %d of the log is the log operator's word, if it says so: "+
		"nobody can prove that nothing is known.", v.Log.Size))
}
