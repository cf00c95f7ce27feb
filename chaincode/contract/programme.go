package contract

import (
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/hyperledger/fabric-chaincode-go/v2/pkg/cid"
	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"

	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/points"
)

// ProposeProgramme proposes the next rule of the programme (ledger.ProposeRequest → ledger.ProposalAnswer). It holds when
// the other organisation has agreed to it.
func (c *Contract) ProposeProgramme(ctx contractapi.TransactionContextInterface, request string) (string, error) {
	stub := ctx.GetStub()
	if err := authorise(stub, "ProposeProgramme"); err != nil {
		return "", err
	}
	msp, err := cid.GetMSPID(stub)
	if err != nil {
		return "", fmt.Errorf("ProposeProgramme: %w", err)
	}
	return call(stub, "ProposeProgramme", request, func(t *transaction, r ledger.ProposeRequest) (ledger.ProposalAnswer, bool, error) {
		return propose(t, msp, r)
	})
}

// AgreeProgramme puts a rule into force that the other organisation proposed (ledger.AgreeRequest →
// ledger.ProposalAnswer). The digest names the very rule that is agreed to.
func (c *Contract) AgreeProgramme(ctx contractapi.TransactionContextInterface, request string) (string, error) {
	stub := ctx.GetStub()
	if err := authorise(stub, "AgreeProgramme"); err != nil {
		return "", err
	}
	msp, err := cid.GetMSPID(stub)
	if err != nil {
		return "", fmt.Errorf("AgreeProgramme: %w", err)
	}
	return call(stub, "AgreeProgramme", request, func(t *transaction, r ledger.AgreeRequest) (ledger.ProposalAnswer, bool, error) {
		return agree(t, msp, r)
	})
}

// WithdrawProposal removes a proposed rule (ledger.AgreeRequest → ledger.ProposalAnswer): the proposer withdraws it, or
// the other organisation declines.
func (c *Contract) WithdrawProposal(ctx contractapi.TransactionContextInterface, request string) (string, error) {
	stub := ctx.GetStub()
	if err := authorise(stub, "WithdrawProposal"); err != nil {
		return "", err
	}
	return call(stub, "WithdrawProposal", request, withdraw)
}

// ReadProgramme gives the rules in force and the proposed one (ledger.ProgrammeAnswer).
func (c *Contract) ReadProgramme(ctx contractapi.TransactionContextInterface) (string, error) {
	stub := ctx.GetStub()
	if err := authorise(stub, "ReadProgramme"); err != nil {
		return "", err
	}
	return call(stub, "ReadProgramme", "{}", func(t *transaction, _ struct{}) (answer ledger.ProgrammeAnswer, changed bool, err error) {
		answer, err = readProgramme(t)
		return answer, false, err
	})
}

func propose(t *transaction, msp string, r ledger.ProposeRequest) (answer ledger.ProposalAnswer, changed bool, err error) {
	programme, err := t.programme()
	if err != nil {
		return answer, false, err
	}
	if r.Rule.Version != 0 && r.Rule.Version != programme.Version()+1 {
		return answer, false, fmt.Errorf("the next rule has version %d, not %d", programme.Version()+1, r.Rule.Version)
	}
	rule := points.Rule(r.Rule)
	rule.Version = programme.Version() + 1
	if err := rule.Check(); err != nil {
		return answer, false, err
	}
	if answer, err = proposalAnswer("proposed", ledger.Proposal{Proposer: msp, Rule: rule}); err != nil {
		return answer, false, err
	}
	earlier, err := t.proposal(rule.Version)
	if err != nil {
		return answer, false, err
	}
	if earlier != nil {
		if *earlier != (ledger.Proposal{Proposer: msp, Rule: rule}) {
			return answer, false, fmt.Errorf("%s has proposed another rule of version %d: it must be agreed or withdrawn first", earlier.Proposer, rule.Version)
		}
		answer.Repeated = true
		return answer, false, nil
	}
	value, err := ledger.Proposal{Proposer: msp, Rule: rule}.Encode()
	t.put(ledger.ProposalKey(rule.Version), value)
	return answer, true, err
}

func agree(t *transaction, msp string, r ledger.AgreeRequest) (answer ledger.ProposalAnswer, changed bool, err error) {
	programme, err := t.programme()
	if err != nil {
		return answer, false, err
	}
	if answer, err = agreedAlready(programme, r); err != nil || answer.Repeated {
		return answer, false, err
	}
	proposal, err := t.mustProposal(r.Version)
	if err != nil {
		return answer, false, err
	}
	if proposal.Proposer == msp {
		return answer, false, fmt.Errorf("%s proposed this rule: the other organisation must agree to it", msp)
	}
	if answer, err = proposalAnswer("agreed", *proposal); err != nil {
		return answer, false, err
	}
	if answer.Digest != r.Digest {
		return answer, false, errors.New("the digest is not that of the proposed rule")
	}
	value, err := ledger.EncodeProgramme(append(programme[:len(programme):len(programme)], proposal.Rule))
	if err != nil {
		return answer, false, err
	}
	t.put(ledger.ProgrammeKey, value)
	t.delete(ledger.ProposalKey(r.Version))
	return answer, true, nil
}

// agreedAlready answers a repeated agreement.
func agreedAlready(programme points.Programme, r ledger.AgreeRequest) (ledger.ProposalAnswer, error) {
	rule, err := programme.Rule(r.Version)
	if err != nil {
		return ledger.ProposalAnswer{}, nil
	}
	answer, err := proposalAnswer("agreed", ledger.Proposal{Rule: rule})
	if err == nil && answer.Digest != r.Digest {
		err = fmt.Errorf("another rule of version %d is in force", r.Version)
	}
	answer.Repeated = true
	return answer, err
}

func withdraw(t *transaction, r ledger.AgreeRequest) (answer ledger.ProposalAnswer, changed bool, err error) {
	proposal, err := t.mustProposal(r.Version)
	if err != nil {
		return answer, false, err
	}
	t.delete(ledger.ProposalKey(r.Version))
	answer, err = proposalAnswer("withdrawn", *proposal)
	return answer, true, err
}

func readProgramme(t *transaction) (ledger.ProgrammeAnswer, error) {
	programme, err := t.programme()
	if err != nil {
		return ledger.ProgrammeAnswer{}, err
	}
	answer := ledger.ProgrammeAnswer{Version: programme.Version()}
	for _, rule := range programme {
		answer.Rules = append(answer.Rules, ledger.Rule(rule))
	}
	proposal, err := t.proposal(programme.Version() + 1)
	if err != nil || proposal == nil {
		return answer, err
	}
	proposed, err := proposalAnswer("proposed", *proposal)
	answer.Proposed = &proposed
	return answer, err
}

// proposal reads a proposed rule, nil if there is none of that version.
func (t *transaction) proposal(version uint32) (*ledger.Proposal, error) {
	value, err := t.get(ledger.ProposalKey(version))
	if err != nil || value == nil {
		return nil, err
	}
	proposal, err := ledger.DecodeProposal(value)
	return &proposal, err
}

func (t *transaction) mustProposal(version uint32) (*ledger.Proposal, error) {
	proposal, err := t.proposal(version)
	if err == nil && proposal == nil {
		err = fmt.Errorf("no rule of version %d is proposed", version)
	}
	return proposal, err
}

func proposalAnswer(status string, p ledger.Proposal) (ledger.ProposalAnswer, error) {
	digest, err := ledger.RuleDigest(p.Rule)
	return ledger.ProposalAnswer{
		Status: status, Proposer: p.Proposer, Digest: hex.EncodeToString(digest[:]), Rule: ledger.Rule(p.Rule),
	}, err
}
