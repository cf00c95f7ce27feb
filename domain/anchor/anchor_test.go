package anchor_test

import (
	"crypto/sha256"
	"errors"
	"slices"
	"testing"

	"github.com/tillproof/tillproof/domain/anchor"
	"github.com/tillproof/tillproof/domain/anchor/anchortest"
	"github.com/tillproof/tillproof/domain/ethereum"
)

func statement() anchor.Checkpoint {
	return anchor.Checkpoint{Place: anchortest.Place,
		Previous: anchor.State{Size: 10, Root: sha256.Sum256([]byte("before"))},
		Next:     anchor.State{Size: 1000, Root: sha256.Sum256([]byte("after"))}}
}

func TestEvidenceIsVerified(t *testing.T) {
	evidence := anchortest.Evidence(statement())
	header, err := evidence.Verify(anchortest.Trust)
	if err != nil {
		t.Fatal(err)
	}
	if header.Hash != evidence.Block || header.Number != evidence.Number || header.Time.Unix() != 1_772_000_300 {
		t.Errorf("the block is %+v", header)
	}
	trust := anchortest.Trust
	trust.Block = evidence.Block
	if _, err := evidence.Verify(trust); err != nil {
		t.Errorf("with the block's hash: %v", err)
	}
}

func TestWhoeverIsNotTrustedIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		change func(trust *anchor.Trust)
		want   error
	}{
		"another chain":     {func(trust *anchor.Trust) { trust.ChainID++ }, anchor.ErrChain},
		"another contract":  {func(trust *anchor.Trust) { trust.Contract[19]++ }, anchor.ErrContract},
		"an old key":        {func(trust *anchor.Trust) { trust.Retail = anchortest.Stranger.Address }, anchor.ErrSigner},
		"a replaced signer": {func(trust *anchor.Trust) { trust.Brands = anchortest.Stranger.Address }, anchor.ErrSigner},
		"signers exchanged": {func(trust *anchor.Trust) { trust.Retail, trust.Brands = trust.Brands, trust.Retail }, anchor.ErrSigner},
		"another block":     {func(trust *anchor.Trust) { trust.Block = ethereum.Hash{1} }, anchor.ErrBlock},
	} {
		trust := anchortest.Trust
		test.change(&trust)
		evidence := anchortest.Evidence(statement())
		if _, err := evidence.Verify(trust); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
}

// Both have signed, but not what the contract took; or the contract took it, but another, or elsewhere.
func TestForgedEvidence(t *testing.T) {
	resign := func(e *anchor.Evidence) {
		e.ByRetail, e.ByBrands = anchortest.Retail.Sign(e.Statement.Digest()), anchortest.Brands.Sign(e.Statement.Digest())
	}
	other := statement()
	other.Contract[0]++
	elsewhere := anchortest.Evidence(other)
	for name, forge := range map[string]func(e *anchor.Evidence){
		"another root":           func(e *anchor.Evidence) { e.Statement.Next.Root[0]++; resign(e) },
		"another size":           func(e *anchor.Evidence) { e.Statement.Next.Size++; resign(e) },
		"another beginning":      func(e *anchor.Evidence) { e.Statement.Previous.Size--; resign(e) },
		"another epoch":          func(e *anchor.Evidence) { e.Statement.Epoch++ },
		"not growing":            func(e *anchor.Evidence) { e.Statement.Next = e.Statement.Previous; resign(e) },
		"signed by one":          func(e *anchor.Evidence) { e.ByBrands = e.ByRetail },
		"mirrored signature":     func(e *anchor.Evidence) { e.ByRetail = mirrored(e.ByRetail) },
		"another contract's":     func(e *anchor.Evidence) { e.ReceiptProof, e.Header = elsewhere.ReceiptProof, elsewhere.Header },
		"another place":          func(e *anchor.Evidence) { e.Index++ },
		"a place beyond":         func(e *anchor.Evidence) { e.Index = 1 << 40 },
		"another event":          func(e *anchor.Evidence) { e.Event = 0 },
		"no event":               func(e *anchor.Evidence) { e.Event = 2 },
		"a negative event":       func(e *anchor.Evidence) { e.Event = -1 },
		"another transaction":    func(e *anchor.Evidence) { e.Transaction[0]++ },
		"another number":         func(e *anchor.Evidence) { e.Number++ },
		"another block":          func(e *anchor.Evidence) { e.Block[0]++ },
		"no header":              func(e *anchor.Evidence) { e.Header = nil },
		"a header with more":     func(e *anchor.Evidence) { e.Header = append(e.Header, 0x80) },
		"no proof":               func(e *anchor.Evidence) { e.ReceiptProof = nil },
		"a proof cut short":      func(e *anchor.Evidence) { e.ReceiptProof = e.ReceiptProof[:1] },
		"a proof with more":      func(e *anchor.Evidence) { e.ReceiptProof = append(e.ReceiptProof, e.ReceiptProof[0]) },
		"a proof turned round":   func(e *anchor.Evidence) { slices.Reverse(e.TransactionProof) },
		"the other trie's proof": func(e *anchor.Evidence) { e.TransactionProof, e.ReceiptProof = e.ReceiptProof, e.TransactionProof },
	} {
		evidence := anchortest.Evidence(statement())
		forge(&evidence)
		if _, err := evidence.Verify(anchortest.Trust); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// mirrored gives the other signature that ecrecover would take: s becomes the order less s.
func mirrored(s ethereum.Signature) ethereum.Signature {
	order := [32]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
		0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41}
	borrow := 0
	for i := 31; i >= 0; i-- {
		difference := int(order[i]) - int(s[32+i]) - borrow
		borrow = 0
		if difference < 0 {
			difference, borrow = difference+256, 1
		}
		s[32+i] = byte(difference)
	}
	s[64] = 27 + 28 - s[64]
	return s
}

func TestTheEventIsFoundInAReceipt(t *testing.T) {
	evidence := anchortest.Evidence(statement())
	header, err := ethereum.DecodeHeader(evidence.Header)
	if err != nil {
		t.Fatal(err)
	}
	receipt, err := ethereum.Lookup(header.ReceiptsRoot, evidence.Index, evidence.ReceiptProof)
	if err != nil {
		t.Fatal(err)
	}
	if at, err := evidence.Statement.EventOf(receipt); err != nil || at != evidence.Event {
		t.Errorf("at %d, %v; want %d", at, err, evidence.Event)
	}
	other := statement()
	other.Next.Size++
	if _, err := other.EventOf(receipt); err == nil {
		t.Error("another checkpoint's event was found")
	}
}
