package proof_test

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/tillproof/tillproof/domain/anchor"
	"github.com/tillproof/tillproof/domain/anchor/anchortest"
	"github.com/tillproof/tillproof/domain/proof"
)

// The anchor may be of the checkpoint's size, or of any before or after it that has the ticket.
func TestAnchoredBundles(t *testing.T) {
	for _, anchoredSize := range []int64{618, 700, 999, 1000, 1001, 1500} {
		b := must(proof.Decode(must(anchoredBundle(t, sale, 1000, 617, anchoredSize, whole).Encode())))
		verified, err := proof.Verify(b, trust)
		if err != nil {
			t.Errorf("anchored at %d: %v", anchoredSize, err)
			continue
		}
		if a := verified.Anchored; a == nil || a.Next.Size != uint64(anchoredSize) || a.Number != 21_000_000 || a.Transaction != b.Anchor.Transaction {
			t.Errorf("anchored at %d: %+v", anchoredSize, verified.Anchored)
		}
		if !says(verified, "was not checked") {
			t.Error("without a block that is trusted it is not said that none was checked")
		}
		known := anchortest.Trust
		known.Block = b.Anchor.Block
		verified, err = proof.Verify(b, proof.Trust{Operator: operator.Key, Witness: witness.Key, Ethereum: &known})
		if err != nil || says(verified, "was not checked") {
			t.Errorf("in the block that is trusted: %v", err)
		}
	}
}

// Before it is anchored a bundle says so, in any version.
func TestABundleSaysThatItIsNotAnchored(t *testing.T) {
	for _, b := range []*proof.Bundle{bundle(t, sale, 10, 3, whole), first(bundle(t, sale, 10, 3, whole))} {
		for _, trust := range []proof.Trust{trust, {Operator: operator.Key, Witness: witness.Key}} {
			verified, err := proof.Verify(must(proof.Decode(must(b.Encode()))), trust)
			if err != nil || verified.Anchored != nil || !says(verified, "no anchor on Ethereum") {
				t.Errorf("version %d: %v", b.Version, err)
			}
		}
	}
}

func TestAnAnchorThatNobodyChecksIsRefused(t *testing.T) {
	b := anchoredBundle(t, sale, 10, 3, 7, whole)
	if _, err := proof.Verify(b, proof.Trust{Operator: operator.Key, Witness: witness.Key}); !errors.Is(err, proof.ErrUnchecked) {
		t.Errorf("%v, want %v", err, proof.ErrUnchecked)
	}
	b.Version = 1
	if _, err := b.Encode(); err == nil {
		t.Error("an anchor was left out of a bundle of version 1 without a word")
	}
}

// The evidence itself is good, but is not of this log or this ticket.
func TestForeignAnchors(t *testing.T) {
	evidence := func(size uint64, root [32]byte) anchor.Evidence {
		return anchortest.Evidence(anchor.Checkpoint{Place: anchortest.Place, Next: anchor.State{Size: size, Root: root}})
	}
	other := anchoredBundle(t, withLines(3), 1000, 617, 1500, whole)
	for name, forge := range map[string]func(b *proof.Bundle){
		"of another log": func(b *proof.Bundle) { b.Anchor = other.Anchor },
		"of before the ticket": func(b *proof.Bundle) {
			*b = *anchoredBundle(t, sale, 1000, 617, 1500, whole)
			b.Anchor.Evidence = evidence(617, [32]byte{1})
		},
		"of another root":            func(b *proof.Bundle) { b.Anchor.Evidence = evidence(1500, [32]byte{1}) },
		"of the checkpoint's size":   func(b *proof.Bundle) { b.Anchor.Evidence, b.Anchor.Consistency = evidence(1000, [32]byte{1}), nil },
		"of a size that no log has":  func(b *proof.Bundle) { b.Anchor.Evidence = evidence(1<<63+5, [32]byte{1}) },
		"without consistency":        func(b *proof.Bundle) { b.Anchor.Consistency = nil },
		"with another's consistency": func(b *proof.Bundle) { b.Anchor.Consistency = other.Anchor.Consistency },
		"with a very long consistency": func(b *proof.Bundle) {
			b.Anchor.Consistency = append(b.Anchor.Consistency, make(tlog.TreeProof, 200)...)
		},
	} {
		forged := anchoredBundle(t, sale, 1000, 617, 1500, whole)
		forge(forged)
		if _, err := proof.Verify(forged, trust); err == nil {
			t.Errorf("an anchor %s: accepted", name)
		}
	}
}

func TestAnchorsOfBadLength(t *testing.T) {
	encoded := string(must(anchoredBundle(t, sale, 10, 3, 7, whole).Encode()))
	contract := strings.TrimPrefix(anchortest.Place.Contract.String(), "0x")
	for name, change := range map[string][2]string{
		"a short contract":  {contract, contract[2:]},
		"a long contract":   {contract, contract + "00"},
		"a short signature": {`"brands":"`, `"brands":"00`},
		"an upper case":     {contract, strings.ToUpper(contract)},
		"half a byte":       {`"header":"`, `"header":"0`},
	} {
		if _, err := proof.Decode([]byte(strings.Replace(encoded, change[0], change[1], 1))); err == nil {
			t.Errorf("%s: decoded", name)
		}
	}
}
