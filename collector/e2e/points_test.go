package e2e_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"

	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/network/material"
)

// An account under load: accruals go to the ledger as they come, spending stands in a queue, as the collector has one.
type busy struct {
	channel
	account, other ledger.Account
	queue          sync.Mutex
	held, moved    atomic.Int64 // points
	refused        atomic.Int64 // attempts to spend what was not there
}

// fold names the credits that are on the ledger now.
func (b *busy) fold(t *testing.T) []string {
	request, err := ledger.EncodeCall(ledger.PageRequest{Account: b.account.String(), Bookmark: ledger.CreditsBookmark})
	if err != nil {
		t.Error(err)
		return nil
	}
	var ids []string
	for _, credit := range evaluate[ledger.EntriesAnswer](t, b.channel, "ListEntries", request).Credits {
		ids = append(ids, credit.ID)
	}
	return ids[:min(len(ids), ledger.MaxFold)]
}

func (b *busy) redeem(ctx context.Context, t *testing.T, points int64) error {
	b.queue.Lock()
	defer b.queue.Unlock()
	hold, err := call[ledger.HoldAnswer](ctx, b.channel, "HoldPoints", ledger.HoldRequest{
		HoldID: uuid.NewString(), Account: b.account.String(), Points: points, TTLSeconds: 600, Fold: b.fold(t)})
	if err != nil || hold.Status != ledger.StatusHeld {
		b.refused.Add(1)
		return err
	}
	captured, err := call[ledger.HoldAnswer](ctx, b.channel, "CaptureHold", ledger.CaptureRequest{HoldID: hold.HoldID})
	if err == nil && captured.Points != points {
		err = fmt.Errorf("captured %+v of %d", captured, points)
	}
	b.held.Add(points)
	return err
}

func (b *busy) transfer(ctx context.Context, t *testing.T, points int64) error {
	b.queue.Lock()
	defer b.queue.Unlock()
	answer, err := call[ledger.TransferAnswer](ctx, b.channel, "TransferPoints", ledger.TransferRequest{
		TransferID: uuid.NewString(), From: b.account.String(), To: b.other.String(), Points: points, Fold: b.fold(t)})
	if err != nil || answer.Status != ledger.StatusTransferred {
		b.refused.Add(1)
		return err
	}
	b.moved.Add(points)
	return nil
}

func TestFiftyClientsOnOneAccountNeverOverspendAndNeverStarve(t *testing.T) {
	b := &busy{channel: connect(t, material.Collector, material.Retail), account: newAccount(), other: newAccount()}
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	if _, err := b.until(ctx, "RecordTickets", "", batchOf(t, newTicket(t, b.account, 100_000))); err != nil {
		t.Fatal(err)
	}
	var accrued atomic.Int64
	accrued.Add(1000)
	var clients sync.WaitGroup
	for n := range 50 {
		clients.Go(func() {
			for range 2 {
				var err error
				switch {
				case n%5 < 2: // 20 accrue, some by a return that names no sale
					cents := 5000
					if n%10 == 0 {
						cents = -2000
					}
					if _, err = b.until(ctx, "RecordTickets", "", batchOf(t, newTicket(t, b.account, cents))); err == nil {
						accrued.Add(int64(cents / 100))
					}
				case n%5 < 4: // 20 redeem
					err = b.redeem(ctx, t, int64(30+n))
				default: // 10 give points away
					err = b.transfer(ctx, t, 25)
				}
				if err != nil {
					t.Errorf("client %d: %v", n, err)
				}
			}
		})
	}
	clients.Wait()
	account := evaluate[ledger.AccountAnswer](t, b.channel, "ReadAccount", b.account.String())
	want := accrued.Load() - b.held.Load() - b.moved.Load()
	t.Logf("accrued %d, redeemed %d, given away %d, left %d; %d attempts refused; %d transactions overtaken and made again",
		accrued.Load(), b.held.Load(), b.moved.Load(), account.Balance, b.refused.Load(), b.conflicts.Load())
	if account.Balance != want || account.Held != 0 {
		t.Errorf("balance %d, held %d; want %d and none", account.Balance, account.Held, want)
	}
	if receiver := evaluate[ledger.AccountAnswer](t, b.channel, "ReadAccount", b.other.String()); receiver.Balance != b.moved.Load() {
		t.Errorf("the other account has %d, want %d", receiver.Balance, b.moved.Load())
	}
	if b.held.Load() == 0 || b.moved.Load() == 0 {
		t.Error("spending starved")
	}
}

// Without a queue clients overtake one another all the time; what they may not do is overspend.
func TestClientsWithoutAQueueCollideAndStillDoNotOverspend(t *testing.T) {
	c := connect(t, material.Collector, material.Retail)
	account := newAccount()
	sale := newTicket(t, account, 10_000) // 100 points
	if _, err := c.until(t.Context(), "RecordTickets", "", batchOf(t, sale)); err != nil {
		t.Fatal(err)
	}
	fold := []string{ledger.EntryID(sale.Points.EntryID).String()}
	var held atomic.Int64
	var clients sync.WaitGroup
	for range 12 {
		clients.Go(func() {
			hold, err := call[ledger.HoldAnswer](t.Context(), c, "HoldPoints", ledger.HoldRequest{
				HoldID: uuid.NewString(), Account: account.String(), Points: 30, TTLSeconds: 600, Fold: fold})
			if err != nil {
				t.Error(err)
			}
			if hold.Status == ledger.StatusHeld {
				held.Add(30)
			}
		})
	}
	clients.Wait()
	t.Logf("%d transactions were overtaken", c.conflicts.Load())
	if got := evaluate[ledger.AccountAnswer](t, c, "ReadAccount", account.String()); held.Load() != 90 || got.Held != 90 || got.Available != 10 {
		t.Errorf("%d points were held, the ledger says %+v; want 90 of 100", held.Load(), got)
	}
}

func TestTheSameBatchTwentyTimesThroughBothPeersCreditsOnce(t *testing.T) {
	through := []channel{connect(t, material.Collector, material.Retail), connect(t, material.Collector, material.Brands)}
	account := newAccount()
	batch := batchOf(t, newTicket(t, account, 12_300), newTicket(t, account, 4_500), newTicket(t, account, -1_000))
	var recorded, already, overtaken atomic.Int64
	var clients sync.WaitGroup
	for n := range 20 {
		clients.Go(func() {
			result, err := through[n%2].submit(t.Context(), both, "RecordTickets", "", batch)
			switch {
			case err != nil: // peers at different heights see different ledgers, and do not agree
				overtaken.Add(1)
				t.Logf("submission %d: %v", n, err)
			case result.code != peer.TxValidationCode_VALID:
				overtaken.Add(1)
			default:
				answer, err := ledger.DecodeAnswer(result.answer, 3)
				if err != nil {
					t.Error(err)
				} else if answer.Outcomes == "rrr" {
					recorded.Add(1)
				} else if answer.Outcomes == "aaa" {
					already.Add(1)
				}
			}
		})
	}
	clients.Wait()
	t.Logf("%d recorded it, %d found it recorded, %d were overtaken", recorded.Load(), already.Load(), overtaken.Load())
	if recorded.Load() != 1 || already.Load()+overtaken.Load() != 19 {
		t.Errorf("%d recorded it, %d found it recorded, %d were overtaken", recorded.Load(), already.Load(), overtaken.Load())
	}
	if got := evaluate[ledger.AccountAnswer](t, through[0], "ReadAccount", account.String()); got.Balance != 158 || got.Entries != 3 {
		t.Errorf("account %+v, want 158 points in 3 entries", got)
	}
}

// Other tests write meanwhile: the sums must agree as soon as nobody does.
func TestTheTotalsAreTheSumOfAllAccounts(t *testing.T) {
	c := connect(t, material.RetailAuditor, material.Retail)
	for range 180 {
		before := evaluate[ledger.TotalsAnswer](t, c, "ReadTotals")
		var sums ledger.SumsAnswer
		for page := (ledger.PageRequest{}); ; {
			request, err := ledger.EncodeCall(page)
			if err != nil {
				t.Fatal(err)
			}
			next := evaluate[ledger.SumsAnswer](t, c, "SumAccounts", request)
			sums.Outstanding, sums.Held = sums.Outstanding+next.Outstanding, sums.Held+next.Held
			if page.Bookmark = next.Bookmark; page.Bookmark == "" {
				break
			}
		}
		after := evaluate[ledger.TotalsAnswer](t, c, "ReadTotals")
		if before == after {
			if sums.Outstanding != after.Outstanding || sums.Held != after.Held {
				t.Errorf("the accounts hold %+v, the totals say %+v", sums, after)
			}
			return
		}
		time.Sleep(time.Second)
	}
	t.Fatal("the ledger was never quiet: nothing could be compared")
}
