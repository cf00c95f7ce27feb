// Package programme reads the rules of the points programme from the ledger, and proposes new ones. A proposed rule holds
// once the other organisation has agreed to it.
package programme

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/tillproof/tillproof/collector/fabric"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/points"
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

	changed chan struct{}

	mu     sync.Mutex
	rules  ledger.ProgrammeAnswer
	readAt time.Time // zero: to be read anew
}

// NewService makes a service.
func NewService(l Ledger) *Service { return &Service{ledger: l, changed: make(chan struct{}, 1)} }

// Run reads the rules now and then, and when they change, until the context ends.
func (s *Service) Run(ctx context.Context) {
	ticker := time.NewTicker(freshness)
	defer ticker.Stop()
	for ctx.Err() == nil {
		if _, err := s.Rules(ctx); err != nil && ctx.Err() == nil {
			slog.WarnContext(ctx, "programme: the rules cannot be read; those read before are gone by", "error", err)
		}
		select {
		case <-ticker.C:
		case <-s.changed:
		case <-ctx.Done():
		}
	}
}

// Changed says that the ledger has other rules than those read.
func (s *Service) Changed() {
	s.mu.Lock()
	s.readAt = time.Time{}
	s.mu.Unlock()
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// Rules gives the rules, not older than some seconds.
func (s *Service) Rules(ctx context.Context) (points.Programme, error) {
	s.mu.Lock()
	rules, fresh := s.rules, time.Since(s.readAt) < freshness
	s.mu.Unlock()
	if !fresh {
		var err error
		if rules, err = s.Read(ctx); err != nil {
			return nil, err
		}
	}
	return programmeOf(rules), nil
}

// Known gives the rules as they were last read; before the first time, the default.
func (s *Service) Known() points.Programme {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.rules.Rules) == 0 {
		return points.Default
	}
	return programmeOf(s.rules)
}

func programmeOf(answer ledger.ProgrammeAnswer) points.Programme {
	rules := make(points.Programme, len(answer.Rules))
	for i := range answer.Rules {
		rules[i] = points.Rule(answer.Rules[i])
	}
	return rules
}

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
	rules, err := s.Rules(ctx)
	if err != nil {
		return ledger.Rule{}, err
	}
	today, err := rules.RuleFor(day)
	return ledger.Rule(today), err
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
