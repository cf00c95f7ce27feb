package contract

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/queryresult"

	"github.com/tillproof/tillproof/domain/account"
	"github.com/tillproof/tillproof/domain/ledger"
)

// ReadTotals gives the programme's sums: the base and what single transactions have added since (ledger.TotalsAnswer).
// For evaluation only: it reads a range in pages.
func (c *Contract) ReadTotals(ctx contractapi.TransactionContextInterface) (string, error) {
	stub := ctx.GetStub()
	if err := authorise(stub, "ReadTotals"); err != nil {
		return "", err
	}
	base, err := stub.GetState(ledger.BaseTotalsKey)
	if err != nil {
		return "", fmt.Errorf("ReadTotals: %w", err)
	}
	sum, err := ledger.DecodeTotals(base)
	if err != nil {
		return "", fmt.Errorf("ReadTotals: %w", err)
	}
	unfolded := 0
	err = eachInRange(stub, ledger.TotalsPrefix, ledger.TotalsEnd, func(pair *queryresult.KV) error {
		totals, err := ledger.DecodeTotals(pair.GetValue())
		sum.Add(totals)
		unfolded++
		return err
	})
	if err != nil {
		return "", fmt.Errorf("ReadTotals: %w", err)
	}
	return ledger.EncodeCall(ledger.TotalsAnswer{
		Issued: sum.Issued, Debited: sum.Debited, Held: sum.Held, Redeemed: sum.Redeemed, Expired: sum.Expired,
		Outstanding: sum.Outstanding(), Unfolded: unfolded,
	})
}

// FoldTotals adds the totals of some transactions to the base (ledger.FoldTotalsRequest → ledger.FoldAnswer, which counts
// them as credits). Those that are there already are passed over.
func (c *Contract) FoldTotals(ctx contractapi.TransactionContextInterface, request string) (string, error) {
	stub := ctx.GetStub()
	if err := authorise(stub, "FoldTotals"); err != nil {
		return "", err
	}
	return call(stub, "FoldTotals", request, foldTotals)
}

func foldTotals(t *transaction, r ledger.FoldTotalsRequest) (answer ledger.FoldAnswer, changed bool, err error) {
	if len(r.Transactions) > ledger.MaxFold {
		return answer, false, fmt.Errorf("fold the totals of %d transactions: want at most %d", len(r.Transactions), ledger.MaxFold)
	}
	keys := []string{ledger.BaseTotalsKey}
	for _, text := range r.Transactions {
		id, err := ledger.ParseTransactionID(text)
		if err != nil {
			return answer, false, err
		}
		keys = append(keys, ledger.TotalsKey(id.String()))
	}
	if err := t.fetch(keys...); err != nil {
		return answer, false, err
	}
	sum, err := ledger.DecodeTotals(t.known[ledger.BaseTotalsKey])
	if err != nil {
		return answer, false, err
	}
	answer.Status = ledger.StatusDone
	for _, key := range keys[1:] {
		value := t.known[key]
		if value == nil {
			continue
		}
		totals, err := ledger.DecodeTotals(value)
		if err != nil {
			return answer, false, fmt.Errorf("%s: %w", key, err)
		}
		sum.Add(totals)
		t.delete(key)
		answer.Credits++
	}
	t.put(ledger.BaseTotalsKey, sum.Encode())
	return answer, answer.Credits > 0, nil
}

// SumAccounts adds up what the accounts hold, a page at a time (ledger.PageRequest → ledger.SumsAnswer): the check of the
// totals. For evaluation only. The bookmark names the prefix that is being walked and Fabric's own bookmark in it.
func (c *Contract) SumAccounts(ctx contractapi.TransactionContextInterface, request string) (string, error) {
	stub := ctx.GetStub()
	if err := authorise(stub, "SumAccounts"); err != nil {
		return "", err
	}
	var r ledger.PageRequest
	if err := decode(request, &r); err != nil {
		return "", fmt.Errorf("SumAccounts: %w", err)
	}
	walked, inside, _ := strings.Cut(r.Bookmark, ":")
	var sums ledger.SumsAnswer
	walks := []walk{
		{"credits", ledger.CreditPrefix, ledger.CreditEnd, sumEntry},
		{"debits", ledger.DebitPrefix, ledger.DebitEnd, sumEntry},
		{"heads", ledger.HeadPrefix, ledger.HeadEnd, sumHead},
	}
	for i, w := range walks {
		if walked != w.name && (walked != "" || i > 0) {
			continue
		}
		next, err := onePage(stub, w.from, w.to, inside, func(pair *queryresult.KV) error { return w.add(&sums, pair) })
		if err != nil {
			return "", fmt.Errorf("SumAccounts: %w", err)
		}
		if next != "" {
			sums.Bookmark = w.name + ":" + next
		} else if i+1 < len(walks) {
			sums.Bookmark = walks[i+1].name + ":"
		}
		return ledger.EncodeCall(sums)
	}
	return "", errors.New("SumAccounts: the bookmark is not one of ours")
}

// A walk is one prefix that SumAccounts goes through.
type walk struct {
	name, from, to string
	add            func(*ledger.SumsAnswer, *queryresult.KV) error
}

func sumEntry(sums *ledger.SumsAnswer, pair *queryresult.KV) error {
	entry, err := ledger.DecodeEntry(pair.GetValue())
	if err != nil {
		return fmt.Errorf("%s: %w", pair.GetKey(), err)
	}
	sums.Outstanding += entry.Points
	sums.Entries++
	return nil
}

func sumHead(sums *ledger.SumsAnswer, pair *queryresult.KV) error {
	head, err := ledger.DecodeHead(pair.GetValue())
	if err != nil {
		return fmt.Errorf("%s: %w", pair.GetKey(), err)
	}
	sums.Outstanding += balance(&head)
	sums.Held += head.Held()
	sums.Heads++
	return nil
}

func balance(head *account.Head) int64 { return head.Available() + head.Held() }
