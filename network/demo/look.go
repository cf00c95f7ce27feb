package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"time"

	"github.com/tillproof/tillproof/network/servers"
)

// Reconciliation sets what tills were promised against what the ledger has.
type Reconciliation struct {
	Accepted int64
	Recorded int64
	Rejected int64
	Missing  int64
}

// stalledAfter is how long recording may make no progress at all.
const stalledAfter = 2 * time.Minute

const sayEvery = 10 * time.Second

// signInAgain is well before a token's end, which comes after 15 minutes.
const signInAgain = 5 * time.Minute

// AwaitRecorded waits until nothing that was accepted is missing from the
// ledger, for as long as that comes nearer.
func (l Loader) AwaitRecorded(ctx context.Context) (Reconciliation, error) {
	var auditor servers.Caller
	var signedIn time.Time
	var last Reconciliation
	moved, said := time.Now(), time.Now()
	for first := true; ; first = false {
		var err error
		if first || time.Since(signedIn) > signInAgain {
			if auditor, err = l.SignIn(ctx, Auditor, l.Passwords[Auditor]); err != nil {
				return last, err
			}
			signedIn = time.Now()
		}
		var now Reconciliation
		if err := auditor.Send(ctx, http.MethodGet, l.Query+"/v1/reconciliation", nil, &now); err != nil {
			return now, err
		}
		if now.Missing == 0 {
			return now, nil
		}
		if first || now != last {
			last, moved = now, time.Now()
		}
		if time.Since(moved) > stalledAfter {
			return now, fmt.Errorf("%d of %d accepted tickets are not recorded, and for %s none was: see the collector's log", now.Missing, now.Accepted, stalledAfter)
		}
		if first || time.Since(said) > sayEvery {
			said = time.Now()
			l.Progress(fmt.Sprintf("waiting for the ledger: %d of %d tickets recorded", now.Recorded, now.Accepted))
		}
		select {
		case <-ctx.Done():
			return now, ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
}

// Points is what the demo's customer may spend.
func (l Loader) Points(ctx context.Context) (int64, error) {
	var points struct{ Available int64 }
	err := l.ask(ctx, Customer, "/v1/points", &points)
	return points.Available, err
}

// Sold is what a manufacturer sold: units of any kind, and an amount in minor
// units for each currency.
type Sold struct {
	Units   *big.Rat
	Amounts map[string]*big.Rat
}

// Sold adds up what the demo's manufacturer may see.
func (l Loader) Sold(ctx context.Context) (Sold, error) {
	maker, err := l.SignIn(ctx, Maker, l.Passwords[Maker])
	if err != nil {
		return Sold{}, err
	}
	sold := Sold{Units: new(big.Rat), Amounts: map[string]*big.Rat{}}
	query := url.Values{"groupBy": {"product"}, "limit": {"1000"}}
	for {
		var page struct {
			Items []struct {
				CurrencyCode             string
				UnitsSold, UnitsReturned json.Number
				AmountNet                json.Number
			}
			NextCursor string
		}
		if err := maker.Send(ctx, http.MethodGet, l.Query+"/v1/sales?"+query.Encode(), nil, &page); err != nil {
			return Sold{}, err
		}
		for _, item := range page.Items {
			if err := sold.add(item.CurrencyCode, item.UnitsSold, item.UnitsReturned, item.AmountNet); err != nil {
				return Sold{}, err
			}
		}
		if page.NextCursor == "" {
			return sold, nil
		}
		query.Set("cursor", page.NextCursor)
	}
}

// add counts units that came back as not sold, as the net amount does.
func (s Sold) add(currency string, sold, returned, amount json.Number) error {
	var parsed [3]big.Rat
	for i, number := range []json.Number{sold, returned, amount} {
		if _, ok := parsed[i].SetString(number.String()); !ok {
			return fmt.Errorf("read sales: %q is no number", number)
		}
	}
	s.Units.Add(s.Units, &parsed[0])
	s.Units.Sub(s.Units, parsed[1].Abs(&parsed[1]))
	if s.Amounts[currency] == nil {
		s.Amounts[currency] = new(big.Rat)
	}
	s.Amounts[currency].Add(s.Amounts[currency], &parsed[2])
	return nil
}

// ask gets JSON from the query server as one of the demo's users.
func (l Loader) ask(ctx context.Context, user, path string, answer any) error {
	caller, err := l.SignIn(ctx, user, l.Passwords[user])
	if err != nil {
		return err
	}
	return caller.Send(ctx, http.MethodGet, l.Query+path, nil, answer)
}
