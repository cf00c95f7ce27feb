package contract

import (
	"strings"
	"testing"

	"github.com/tillproof/tillproof/domain/ledger"
)

func TestARuleHoldsWhenTheOtherOrganisationAgrees(t *testing.T) {
	m := newMemory()
	as := func(msp string) func(*transaction, ledger.ProposeRequest) (ledger.ProposalAnswer, bool, error) {
		return func(tx *transaction, r ledger.ProposeRequest) (ledger.ProposalAnswer, bool, error) {
			return propose(tx, msp, r)
		}
	}
	agreeAs := func(msp string) func(*transaction, ledger.AgreeRequest) (ledger.ProposalAnswer, bool, error) {
		return func(tx *transaction, r ledger.AgreeRequest) (ledger.ProposalAnswer, bool, error) {
			return agree(tx, msp, r)
		}
	}
	rule := ledger.ProposeRequest{Rule: ledger.Rule{EffectiveFrom: "2026-03-01", RateBasisPoints: 200, ValidityMonths: 24}}
	proposed := run(t, m, as(RetailMSP), rule)
	if proposed.Rule.Version != 2 || proposed.Status != "proposed" || proposed.Proposer != RetailMSP {
		t.Fatalf("%+v", proposed)
	}
	m.steps(t, &slip{number: 1, member: 7, cents: 10_000})
	m.wantBalance(t, 7, 100) // a proposal changes nothing

	if again := run(t, m, as(RetailMSP), rule); !again.Repeated || again.Digest != proposed.Digest {
		t.Errorf("proposed again: %+v", again)
	}
	other := rule
	other.Rule.RateBasisPoints = 300
	if _, err := try(m, as(BrandsMSP), other); err == nil || !strings.Contains(err.Error(), "withdrawn") {
		t.Errorf("another rule of the same version: %v", err)
	}
	yes := ledger.AgreeRequest{Version: 2, Digest: proposed.Digest}
	for name, refused := range map[string]error{
		"the proposer itself": second(try(m, agreeAs(RetailMSP), yes)),
		"another digest":      second(try(m, agreeAs(BrandsMSP), ledger.AgreeRequest{Version: 2, Digest: strings.Repeat("00", 32)})),
		"another version":     second(try(m, agreeAs(BrandsMSP), ledger.AgreeRequest{Version: 3, Digest: proposed.Digest})),
	} {
		if refused == nil {
			t.Errorf("%s agrees", name)
		}
	}
	for _, repeated := range []bool{false, true} {
		if agreed := run(t, m, agreeAs(BrandsMSP), yes); agreed.Status != "agreed" || agreed.Repeated != repeated {
			t.Errorf("agreed: %+v", agreed)
		}
	}
	m.steps(t, &slip{number: 2, member: 7, cents: 10_000})
	m.wantBalance(t, 7, 300)
	answer, err := readProgramme(m.begin())
	if err != nil || answer.Version != 2 || len(answer.Rules) != 2 || answer.Rules[1] != proposed.Rule || answer.Proposed != nil {
		t.Errorf("programme %+v, %v", answer, err)
	}
}

func TestAProposalIsWithdrawn(t *testing.T) {
	m := newMemory()
	proposeIt := func(tx *transaction, r ledger.ProposeRequest) (ledger.ProposalAnswer, bool, error) {
		return propose(tx, BrandsMSP, r)
	}
	run(t, m, proposeIt, ledger.ProposeRequest{Rule: ledger.Rule{EffectiveFrom: "2026-04-01", RateBasisPoints: 50}})
	if answer, err := readProgramme(m.begin()); err != nil || answer.Proposed == nil || answer.Proposed.Proposer != BrandsMSP {
		t.Errorf("programme %+v, %v", answer, err)
	}
	run(t, m, withdraw, ledger.AgreeRequest{Version: 2})
	if _, err := try(m, withdraw, ledger.AgreeRequest{Version: 2}); err == nil {
		t.Error("it is withdrawn twice")
	}
	run(t, m, proposeIt, ledger.ProposeRequest{Rule: ledger.Rule{EffectiveFrom: "2026-05-01", RateBasisPoints: 60}})
	for name, rule := range map[string]ledger.Rule{
		"no day":            {EffectiveFrom: "2026-02-30"},
		"too high a rate":   {EffectiveFrom: "2026-03-01", RateBasisPoints: 10_001},
		"too long":          {EffectiveFrom: "2026-03-01", ValidityMonths: 121},
		"a currency":        {EffectiveFrom: "2026-03-01", Currency: "eur"},
		"a version to come": {EffectiveFrom: "2026-03-01", Version: 4},
	} {
		if _, err := try(newMemory(), proposeIt, ledger.ProposeRequest{Rule: rule}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func second[T any](_ T, err error) error { return err }
