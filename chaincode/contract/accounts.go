package contract

import (
	"fmt"
	"strings"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/queryresult"

	"github.com/tillproof/tillproof/domain/account"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/points"
)

// listed is how many entries ListEntries gives at once.
const listed = 1000

// ReadAccount adds up an account, 32 hex digits (ledger.AccountAnswer). It is for evaluation only: it reads ranges.
func (c *Contract) ReadAccount(ctx contractapi.TransactionContextInterface, name string) (string, error) {
	stub := ctx.GetStub()
	if err := authorise(stub, "ReadAccount"); err != nil {
		return "", err
	}
	of, err := ledger.ParseAccount(name)
	if err != nil {
		return "", fmt.Errorf("ReadAccount: %w", err)
	}
	answer, err := readAccount(stub, of)
	if err != nil {
		return "", fmt.Errorf("ReadAccount: %w", err)
	}
	return ledger.EncodeCall(answer)
}

func readAccount(stub shim.ChaincodeStubInterface, of ledger.Account) (ledger.AccountAnswer, error) {
	values, err := stub.GetMultipleStates(ledger.HeadKey(of), ledger.MarkerKey(of))
	if err != nil {
		return ledger.AccountAnswer{}, err
	}
	head, err := ledger.DecodeHead(values[0])
	if err != nil {
		return ledger.AccountAnswer{}, err
	}
	answer := ledger.AccountAnswer{
		Held: head.Held(), Debt: head.Debt, Buckets: buckets(head.Buckets), Holds: []string{}, Revision: head.Revision,
		Forgotten: values[1] != nil,
	}
	for _, hold := range head.Holds {
		answer.Holds = append(answer.Holds, ledger.HoldID(hold.ID).String())
	}
	sum := func(into *int64, from, to string) error {
		return eachInRange(stub, from, to, func(pair *queryresult.KV) error {
			entry, err := ledger.DecodeEntry(pair.GetValue())
			*into += entry.Points
			answer.Entries++
			return err
		})
	}
	from, to := ledger.CreditRange(of)
	if err := sum(&answer.Credits, from, to); err != nil {
		return answer, err
	}
	from, to = ledger.DebitRange(of)
	if err := sum(&answer.Debits, from, to); err != nil {
		return answer, err
	}
	answer.Available = head.Available() + answer.Credits + answer.Debits
	answer.Balance = answer.Available + answer.Held
	return answer, nil
}

// ListEntries gives an account's entries that are not folded, a page at a time (ledger.PageRequest →
// ledger.EntriesAnswer), for the choice of what to fold. For evaluation only.
func (c *Contract) ListEntries(ctx contractapi.TransactionContextInterface, request string) (string, error) {
	stub := ctx.GetStub()
	if err := authorise(stub, "ListEntries"); err != nil {
		return "", err
	}
	var r ledger.PageRequest
	if err := decode(request, &r); err != nil {
		return "", fmt.Errorf("ListEntries: %w", err)
	}
	answer, err := listEntries(stub, r)
	if err != nil {
		return "", fmt.Errorf("ListEntries: %w", err)
	}
	return ledger.EncodeCall(answer)
}

// listEntries lists debits first, of which there are few, then credits.
func listEntries(stub shim.ChaincodeStubInterface, r ledger.PageRequest) (ledger.EntriesAnswer, error) {
	answer := ledger.EntriesAnswer{Credits: []ledger.EntryAnswer{}, Debits: []ledger.EntryAnswer{}}
	of, err := ledger.ParseAccount(r.Account)
	if err != nil {
		return answer, err
	}
	from, to := ledger.DebitRange(of)
	into := &answer.Debits
	inside, credits := strings.CutPrefix(r.Bookmark, ledger.CreditsBookmark)
	if credits {
		from, to = ledger.CreditRange(of)
		into = &answer.Credits
	}
	next, err := pageOf(stub, from, to, inside, listed, func(pair *queryresult.KV) error {
		entry, err := entryAnswer(pair)
		*into = append(*into, entry)
		return err
	})
	switch {
	case next != "" && credits:
		answer.Bookmark = ledger.CreditsBookmark + next
	case next != "":
		answer.Bookmark = next
	case !credits:
		answer.Bookmark = ledger.CreditsBookmark
	}
	return answer, err
}

func entryAnswer(pair *queryresult.KV) (ledger.EntryAnswer, error) {
	entry, err := ledger.DecodeEntry(pair.GetValue())
	if err != nil {
		return ledger.EntryAnswer{}, fmt.Errorf("%s: %w", pair.GetKey(), err)
	}
	_, id, ok := ledger.ParseEntryKey(pair.GetKey())
	if !ok {
		return ledger.EntryAnswer{}, fmt.Errorf("%s is not the key of a points entry", pair.GetKey())
	}
	return ledger.EntryAnswer{ID: id.String(), Kind: entry.Kind.String(), Points: entry.Points, ExpiryMonth: month(entry.ExpiryMonth)}, nil
}

// ReadHold gives a hold as it is now (ledger.HoldStateAnswer), an error if there is none.
func (c *Contract) ReadHold(ctx contractapi.TransactionContextInterface, holdID string) (string, error) {
	stub := ctx.GetStub()
	if err := authorise(stub, "ReadHold"); err != nil {
		return "", err
	}
	id, err := ledger.ParseHoldID(holdID)
	if err != nil {
		return "", fmt.Errorf("ReadHold: %w", err)
	}
	value, err := stub.GetState(ledger.HoldKey(id))
	if err != nil {
		return "", fmt.Errorf("ReadHold: %w", err)
	}
	if value == nil {
		return "", fmt.Errorf("ReadHold: no hold is recorded under %s", id)
	}
	hold, err := ledger.DecodeHold(value)
	if err != nil {
		return "", fmt.Errorf("ReadHold: %w", err)
	}
	return ledger.EncodeCall(ledger.HoldStateAnswer{
		HoldID: id.String(), State: hold.State.String(), Account: ledger.Account(hold.Account).String(), Points: hold.Points,
		Captured: hold.Captured, Claimed: hold.Claimed, GivenBack: hold.GivenBack, ExpiresAt: hold.ExpiresAt, Parts: buckets(hold.Parts),
	})
}

func buckets(parts []account.Part) []ledger.BucketAnswer {
	answer := make([]ledger.BucketAnswer, len(parts))
	for i, part := range parts {
		answer[i] = ledger.BucketAnswer{Points: part.Points, Month: month(part.Month)}
	}
	return answer
}

func month(m points.Month) string {
	if m == points.Never {
		return ""
	}
	return m.String()
}
