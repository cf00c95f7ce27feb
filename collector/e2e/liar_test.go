package e2e_test

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"

	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/network/material"
)

// lies are the checks that a lying chaincode leaves out.
var lies = []edit{
	{"access.go", "at := slices.IndexFunc(allowed, func(g grant) bool { return g.msp == msp })", "at := 0"},
	{"access.go", "if got != role {", "if false {"},
	{"judge.go", "if o.Root() != s.Commitment {", "if false {"},
	{"judge.go", "entry.Points = rule.Earned(", "entry.Points = 100 * rule.Earned("},
	{"judge.go", "return ledger.Conflict, nil", "j.record(i, s)\n\t\treturn ledger.Recorded, nil"},
	{"judge.go", "j.answer.Already[i] = record.TransactionID.String()", "j.delete(ledger.RecordKey(s.Key))\n\treturn ledger.Recorded, nil"},
	{"programme.go", "if proposal.Proposer == msp {", "if false {"},
}

// An attempt is a call that only a lying chaincode endorses.
type attempt struct {
	function, argument string
	transient          map[string][]byte
	lied               string // in the liar's answer: it did lie
}

// lie lets one organisation's chaincode lie to its own client. The other's does not agree; what the liar endorses alone is
// invalid at both peers, and nothing changes.
func (s *trial) lie(t *testing.T, o material.Organisation) {
	key := s.sell(t, 1)[0]
	s.ChaincodePrograms = map[string]string{o.MSPID: s.buildChaincode(t, lies...)}
	s.repair(t)
	as := material.Collector
	if o == material.Brands {
		as = material.Witness
	}
	liar := connectTo(t, s.env, as, o)
	proposed, err := call[ledger.ProposalAnswer](t.Context(), liar, "ProposeProgramme",
		ledger.ProposeRequest{Rule: ledger.Rule{EffectiveFrom: "2026-01-01", RateBasisPoints: 5000}})
	if err != nil {
		t.Fatal(err)
	}
	account := newAccount()
	before := s.standing(t, key, account)
	for name, a := range s.attempts(t, key, account, proposed) {
		t.Run(name, func(t *testing.T) {
			if _, err := liar.submit(t.Context(), both, a.function, a.argument, a.transient); !disagreed(err) {
				t.Errorf("asked of both: got %v, want an error that says that they disagree", err)
			}
			alone, err := liar.submit(t.Context(), []string{o.MSPID}, a.function, a.argument, a.transient)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(alone.answer), a.lied) {
				t.Errorf("the chaincode answers %s, want %s: it does not lie", alone.answer, a.lied)
			}
			for _, at := range []material.Organisation{material.Retail, material.Brands} {
				if code := s.validation(t, at, alone.id); code != peer.TxValidationCode_ENDORSEMENT_POLICY_FAILURE {
					t.Errorf("%s's peer has it as %s", at.MSPID, code)
				}
			}
		})
	}
	if after := s.standing(t, key, account); after != before {
		t.Errorf("the ledger was\n%s\nand is\n%s", before, after)
	}
	s.ChaincodePrograms = nil
	s.repair(t)
	if _, err := call[ledger.ProposalAnswer](t.Context(), liar, "WithdrawProposal", ledger.AgreeRequest{Version: proposed.Rule.Version}); err != nil {
		t.Error(err)
	}
}

// disagreed tells that the honest chaincode refuses, or comes to other writes than the liar.
func disagreed(err error) bool {
	return err != nil && (strings.Contains(err.Error(), "chaincode response 500") || strings.Contains(err.Error(), "ProposalResponsePayloads do not match"))
}

// attempts are made on a recorded ticket, an account that nobody has, and a proposed rule.
func (s *trial) attempts(t *testing.T, key ledger.TicketKey, account ledger.Account, proposed ledger.ProposalAnswer) map[string]attempt {
	t.Helper()
	record := func(lied string, ticket ledger.Submission) attempt {
		return attempt{"RecordTickets", "", batchOf(t, ticket), lied}
	}
	swollen := newTicket(t, account, 500)
	swollen.Points.Eligible *= 100
	changed := newTicket(t, account, 700)
	changed.Key = key
	agree, err := ledger.EncodeCall(ledger.AgreeRequest{Version: proposed.Rule.Version, Digest: proposed.Digest})
	if err != nil {
		t.Fatal(err)
	}
	const recorded = `"r"`
	return map[string]attempt{
		"points a hundred times over":              record(recorded, newTicket(t, account, 10_000)),
		"an opening that is not the commitment's":  record(recorded, swollen),
		"another ticket in a recorded one's place": record(recorded, changed),
		"a recorded ticket deleted":                record(recorded, ledger.Submission{Key: key, Commitment: s.commitment(t, key), Sealed: []byte("none")}),
		"a rule agreed to by who proposed it":      {"AgreeProgramme", agree, nil, `"agreed"`},
	}
}

func (s *trial) commitment(t *testing.T, key ledger.TicketKey) (root [32]byte) {
	t.Helper()
	answer, err := s.at(t, material.Retail, "tickets").Evaluate(t.Context(), "ReadRecord", key.String())
	if err != nil {
		t.Fatal(err)
	}
	var record struct{ Commitment string }
	if err := json.Unmarshal(answer, &record); err != nil {
		t.Fatal(err)
	}
	if n, err := hex.Decode(root[:], []byte(record.Commitment)); err != nil || n != len(root) {
		t.Fatalf("commitment %q: %v", record.Commitment, err)
	}
	return root
}

// standing is what both peers say of all that the attempts are after.
func (s *trial) standing(t *testing.T, key ledger.TicketKey, account ledger.Account) (all string) {
	t.Helper()
	for _, o := range []material.Organisation{material.Retail, material.Brands} {
		all += s.held(t, o, key)
		for _, ask := range [][]string{{"ReadAccount", account.String()}, {"ReadProgramme"}, {"ReadTotals"}} {
			answer, err := s.at(t, o, "tickets").Evaluate(t.Context(), ask[0], ask[1:]...)
			if err != nil {
				t.Fatal(err)
			}
			all += "\n" + string(answer)
		}
	}
	return all
}

// validation is what a peer's own ledger says of a transaction.
func (s *trial) validation(t *testing.T, o material.Organisation, id string) peer.TxValidationCode {
	t.Helper()
	p := s.at(t, o, "qscc")
	return eventually(t, "transaction "+id, 30*time.Second, func() (peer.TxValidationCode, error) {
		answer, err := p.Evaluate(t.Context(), "GetTransactionByID", "tickets", id)
		if err != nil {
			return 0, err
		}
		var processed peer.ProcessedTransaction
		if err := proto.Unmarshal(answer, &processed); err != nil {
			return 0, fmt.Errorf("read transaction: %w", err)
		}
		return peer.TxValidationCode(processed.ValidationCode), nil
	})
}
