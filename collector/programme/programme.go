// Package programme reads the rules of the points programme from the ledger, and proposes new ones. A proposed rule holds
// once the other organisation has agreed to it.
package programme

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tillproof/tillproof/collector/fabric"
	"github.com/tillproof/tillproof/domain/ledger"
)

// A Ledger answers questions, has calls judged, and takes the transactions that come of them.
type Ledger interface {
	Evaluate(ctx context.Context, function string, arguments ...string) ([]byte, error)
	EndorseCall(ctx context.Context, function, argument string) (fabric.Endorsed, error)
	Submit(ctx context.Context, envelope []byte) (fabric.Commit, error)
}

// freshness is how old the rules may be that answers rest on.
const freshness = 5 * time.Second

// A Service is safe for concurrent use.
type Service struct {
	ledger Ledger

	mu     sync.Mutex
	rules  ledger.ProgrammeAnswer
	readAt time.Time
}

// NewService makes a service.
func NewService(l Ledger) *Service { return &Service{ledger: l} }

// Read gives the rules in force and the proposed one.
func (s *Service) Read(ctx context.Context) (ledger.ProgrammeAnswer, error) {
	encoded, err := s.ledger.Evaluate(ctx, "ReadProgramme")
	if err != nil {
		return ledger.ProgrammeAnswer{}, fmt.Errorf("read the programme: %w", err)
	}
	var rules ledger.ProgrammeAnswer
	if err := json.Unmarshal(encoded, &rules); err != nil {
		return rules, fmt.Errorf("read the programme: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules, s.readAt = rules, time.Now()
	return rules, nil
}

// Today gives the rule in force on a day (YYYY-MM-DD), from what was read not long ago.
func (s *Service) Today(ctx context.Context, day string) (ledger.Rule, error) {
	s.mu.Lock()
	rules, fresh := s.rules, time.Since(s.readAt) < freshness
	s.mu.Unlock()
	if !fresh {
		var err error
		if rules, err = s.Read(ctx); err != nil {
			return ledger.Rule{}, err
		}
	}
	var today ledger.Rule
	for _, rule := range rules.Rules { // as points.Programme.RuleFor
		if rule.EffectiveFrom <= day && rule.EffectiveFrom >= today.EffectiveFrom {
			today = rule
		}
	}
	return today, nil
}

// ErrOther says that another rule is proposed already: it must be agreed to or withdrawn first.
var ErrOther = errors.New("another rule is proposed already")

// maxConflicts is how often a proposal is endorsed anew that another transaction overtook.
const maxConflicts = 5

// Propose proposes the next rule. The same again finds the first proposal.
func (s *Service) Propose(ctx context.Context, rule ledger.Rule) (ledger.ProposalAnswer, error) {
	var answer ledger.ProposalAnswer
	if now, err := s.Read(ctx); err != nil {
		return answer, err
	} else if now.Proposed != nil {
		rule.Version = now.Proposed.Rule.Version
		if now.Proposed.Rule == rule {
			return *now.Proposed, nil
		}
		return *now.Proposed, ErrOther
	}
	argument, err := ledger.EncodeCall(ledger.ProposeRequest{Rule: rule})
	if err != nil {
		return answer, err
	}
	for range maxConflicts {
		endorsed, err := s.ledger.EndorseCall(ctx, "ProposeProgramme", argument)
		if err != nil {
			return answer, err
		}
		if err := json.Unmarshal(endorsed.Answer, &answer); err != nil || answer.Repeated {
			return answer, err
		}
		commit, err := s.ledger.Submit(ctx, endorsed.Envelope)
		if err != nil || commit.Valid {
			return answer, err
		}
	}
	return answer, errors.New("propose a rule: overtaken too often")
}
