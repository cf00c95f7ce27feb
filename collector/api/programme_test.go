package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/tillproof/tillproof/collector/fabric"
	"github.com/tillproof/tillproof/collector/programme"
	"github.com/tillproof/tillproof/domain/ledger"
)

// A rulebook is the ledger as far as the programme goes: it keeps one proposal, and nobody agrees.
type rulebook struct {
	proposed *ledger.ProposalAnswer
	away     bool
}

var firstRule = ledger.Rule{Version: 1, EffectiveFrom: "0001-01-01", RateBasisPoints: 100}

func (b *rulebook) Evaluate(context.Context, string, ...string) ([]byte, error) {
	if b.away {
		return nil, context.DeadlineExceeded
	}
	return json.Marshal(ledger.ProgrammeAnswer{Version: 1, Rules: []ledger.Rule{firstRule}, Proposed: b.proposed})
}

func (b *rulebook) EndorseCall(_ context.Context, _, argument string) (fabric.Endorsed, error) {
	var request ledger.ProposeRequest
	if err := json.Unmarshal([]byte(argument), &request); err != nil {
		return fabric.Endorsed{}, err
	}
	request.Rule.Version = 2
	answer, err := json.Marshal(ledger.ProposalAnswer{Status: "proposed", Proposer: "RetailMSP", Digest: "00", Rule: request.Rule})
	return fabric.Endorsed{Answer: answer, Envelope: answer}, err
}

func (b *rulebook) Submit(_ context.Context, envelope []byte) (fabric.Commit, error) {
	b.proposed = new(ledger.ProposalAnswer)
	return fabric.Commit{Valid: true}, json.Unmarshal(envelope, b.proposed)
}

// A rule is proposed once; until the other organisation has agreed, it is only a proposal, and there is no second.
func TestProposeARule(t *testing.T) {
	t.Parallel()
	book := &rulebook{}
	f := newFixture(t, func(o *options) { o.programme = programme.NewService(book) })
	put := func(body string) answer { return f.put("/v1/programme", body) }

	for body, want := range map[string]int{
		`{`: http.StatusBadRequest,
		`{"effectiveFrom":"2026-13-01","rateBasisPoints":100}`:                      http.StatusUnprocessableEntity,
		`{"effectiveFrom":"2026-03-01","rateBasisPoints":10001}`:                    http.StatusUnprocessableEntity,
		`{"effectiveFrom":"2026-03-01","rateBasisPoints":100,"currencyCode":"XXX"}`: http.StatusUnprocessableEntity,
		`{"effectiveFrom":"2026-03-01","rateBasisPoints":100,"unknown":1}`:          http.StatusUnprocessableEntity,
	} {
		if got := put(body); got.StatusCode != want {
			t.Errorf("%s: %d %s", body, got.StatusCode, got.body)
		}
	}
	f.requireProblem(f.do("PUT", "/v1/programme", f.store("S1"), `{}`), http.StatusForbidden, "forbidden")

	rule := `{"version":7,"effectiveFrom":"2026-03-01","rateBasisPoints":200,"currencyCode":"EUR","validityMonths":24}`
	for range 2 { // the same again is the same proposal
		var proposed ledger.ProposalAnswer
		if err := json.Unmarshal(f.requireStatus(put(rule), http.StatusAccepted).body, &proposed); err != nil {
			t.Fatal(err)
		}
		if want := (ledger.Rule{Version: 2, EffectiveFrom: "2026-03-01", RateBasisPoints: 200, Currency: "EUR", ValidityMonths: 24}); proposed.Rule != want {
			t.Errorf("proposed %+v, want %+v", proposed.Rule, want)
		}
	}
	f.requireProblem(put(`{"effectiveFrom":"2026-03-01","rateBasisPoints":300}`), http.StatusConflict, "other-proposal")
	var shown ledger.ProgrammeAnswer
	if err := json.Unmarshal(f.requireStatus(f.do("GET", "/v1/programme", f.admin(), ""), http.StatusOK).body, &shown); err != nil {
		t.Fatal(err)
	}
	if len(shown.Rules) != 1 || shown.Rules[0] != firstRule || shown.Proposed == nil || shown.Proposed.Rule.RateBasisPoints != 200 {
		t.Errorf("the programme is %+v", shown)
	}
}

func TestTheProgrammeWhileTheLedgerIsAway(t *testing.T) {
	t.Parallel()
	book := &rulebook{away: true}
	f := newFixture(t, func(o *options) { o.programme = programme.NewService(book) })
	f.requireProblem(f.do("GET", "/v1/programme", f.admin(), ""), http.StatusServiceUnavailable, "unavailable")
	f.requireProblem(f.put("/v1/programme", `{"effectiveFrom":"2026-03-01","rateBasisPoints":200}`), http.StatusServiceUnavailable, "unavailable")
}
