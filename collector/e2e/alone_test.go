package e2e_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"

	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/network/material"
)

// What one organisation's peer endorses alone, whatever chaincode it runs, becomes no part of the ledger.
func TestOneOrganisationAloneChangesNothing(t *testing.T) {
	retail := connect(t, material.Collector, material.Retail)
	account := newAccount()
	sale := newTicket(t, account, 10_000)
	answer, err := retail.until(t.Context(), "RecordTickets", "", batchOf(t, sale))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s", answer)
	record := evaluate[struct {
		TransactionID string
		Chunk         uint8
	}](t, retail, "ReadRecord", sale.Key.String())
	encode := func(request any) string {
		text, err := ledger.EncodeCall(request)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	fold := []string{ledger.EntryID(sale.Points.EntryID).String()}
	for name, attempt := range map[string]struct {
		function, argument string
		transient          map[string][]byte
	}{
		"record a ticket":  {"RecordTickets", "", batchOf(t, newTicket(t, account, 500))},
		"hold points":      {"HoldPoints", encode(ledger.HoldRequest{HoldID: uuid.NewString(), Account: account.String(), Points: 5, TTLSeconds: 60, Fold: fold}), nil},
		"fold an account":  {"FoldAccount", encode(ledger.FoldRequest{Account: account.String(), Fold: fold}), nil},
		"forget somebody":  {"ForgetAccount", encode(ledger.FoldRequest{Account: account.String()}), nil},
		"move points":      {"TransferPoints", encode(ledger.TransferRequest{TransferID: uuid.NewString(), From: account.String(), To: newAccount().String(), Points: 5, Fold: fold}), nil},
		"propose a rule":   {"ProposeProgramme", encode(ledger.ProposeRequest{Rule: ledger.Rule{EffectiveFrom: "2030-01-01", RateBasisPoints: 1}}), nil},
		"fold the totals":  {"FoldTotals", encode(ledger.FoldTotalsRequest{Transactions: []string{record.TransactionID}}), nil},
		"settle, doing so": {"SettleUndoes", "", batchOf(t, sale)},
	} {
		t.Run(name, func(t *testing.T) {
			result, err := retail.submit(t.Context(), []string{"RetailMSP"}, attempt.function, attempt.argument, attempt.transient)
			if err != nil {
				t.Fatal(err)
			}
			if result.code != peer.TxValidationCode_ENDORSEMENT_POLICY_FAILURE {
				t.Errorf("endorsed by RetailMSP alone it came to %s", result.code)
			}
		})
	}
	if got := evaluate[ledger.AccountAnswer](t, retail, "ReadAccount", account.String()); got.Balance != 100 || got.Revision != 0 || got.Forgotten {
		t.Errorf("the account is %+v, want it as it was", got)
	}
}

func TestWhoMayNotCallIsToldSo(t *testing.T) {
	for name, test := range map[string]struct {
		as       material.Client
		function string
		want     string
	}{
		"an auditor holds points":           {material.RetailAuditor, "HoldPoints", "tillproof.role"},
		"the witness records":               {material.Witness, "RecordTickets", "not for BrandsMSP"},
		"BrandsMSP's auditor agrees":        {material.BrandsAuditor, "AgreeProgramme", "tillproof.role"},
		"the witness has an account erased": {material.Witness, "ForgetAccount", "not for BrandsMSP"},
	} {
		c := connect(t, test.as, test.as.Organisation)
		var arguments string
		if test.function != "RecordTickets" {
			arguments = "{}"
		}
		if _, err := c.submit(t.Context(), both, test.function, arguments, nil); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want an error that says %q", name, err, test.want)
		}
	}
}

// The rule is proposed for a day far away, and withdrawn: other tests count on the one in force.
func TestAProposerCannotAgreeToItsOwnRule(t *testing.T) {
	retail, brands := connect(t, material.Collector, material.Retail), connect(t, material.Witness, material.Brands)
	proposed, err := call[ledger.ProposalAnswer](t.Context(), retail, "ProposeProgramme",
		ledger.ProposeRequest{Rule: ledger.Rule{EffectiveFrom: "2090-01-01", RateBasisPoints: 200}})
	if err != nil {
		t.Fatal(err)
	}
	agree := ledger.AgreeRequest{Version: proposed.Rule.Version, Digest: proposed.Digest}
	argument, err := ledger.EncodeCall(agree)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := retail.submit(t.Context(), both, "AgreeProgramme", argument, nil); err == nil || !strings.Contains(err.Error(), "the other organisation") {
		t.Errorf("RetailMSP agrees to its own rule: %v", err)
	}
	if got := evaluate[ledger.ProgrammeAnswer](t, brands, "ReadProgramme"); got.Proposed == nil || got.Proposed.Digest != proposed.Digest {
		t.Errorf("BrandsMSP reads %+v", got)
	}
	declined, err := call[ledger.ProposalAnswer](t.Context(), brands, "WithdrawProposal", ledger.AgreeRequest{Version: proposed.Rule.Version})
	if err != nil || declined.Status != "withdrawn" {
		t.Errorf("declined: %+v, %v", declined, err)
	}
	if got := evaluate[ledger.ProgrammeAnswer](t, retail, "ReadProgramme"); got.Proposed != nil || got.Version != proposed.Rule.Version-1 {
		t.Errorf("the programme is %+v", got)
	}
}
