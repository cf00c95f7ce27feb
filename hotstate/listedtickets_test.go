package hotstate_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

// readers are functions that read something of an actor, as text.
var readers = map[string]func(tx pgx.Tx, actor hotstate.Actor) (string, error){
	"tickets": func(tx pgx.Tx, actor hotstate.Actor) (string, error) {
		tickets, err := hotstate.ReadTickets(context.Background(), tx, actor, hotstate.TicketQuery{Limit: 100})
		var text strings.Builder
		for _, t := range tickets {
			fmt.Fprintf(&text, "%s %s, ", t.TransactionID[35:], t.Status)
		}
		return text.String(), err
	},
	"ticket": func(tx pgx.Tx, actor hotstate.Actor) (string, error) {
		var text strings.Builder
		for number := 1; number <= 8; number++ {
			id := fmt.Sprintf("00000000-0000-4000-8000-%012d", number)
			document, err := hotstate.ReadTicket(context.Background(), tx, actor, id)
			switch {
			case err == nil:
				fmt.Fprintf(&text, "%d %s, ", number, document.Status)
			case !errors.Is(err, hotstate.ErrNotFound):
				return "", err
			}
		}
		return text.String(), nil
	},
	"points": func(tx pgx.Tx, actor hotstate.Actor) (string, error) {
		points, _, err := hotstate.ReadPoints(context.Background(), tx, actor)
		return fmt.Sprintf("%+v", points), err
	},
	"entries": func(tx pgx.Tx, actor hotstate.Actor) (string, error) {
		entries, err := hotstate.ReadPointsEntries(context.Background(), tx, actor, nil, 100)
		var text strings.Builder
		for _, e := range entries {
			fmt.Fprintf(&text, "%s %d, ", e.TxID, e.Points)
		}
		return text.String(), err
	},
}

// What is read with row-level security in force is read without it too: the queries' own conditions say the same.
func TestReadersKeepToTheActorWithoutRowSecurity(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	db.LoadShop(t)
	for _, actor := range []hotstate.Actor{
		{Role: "customer", LoyaltyID: "a"}, {Role: "customer", LoyaltyID: "b"}, {Role: "customer", LoyaltyID: "none"}, {Role: "customer"},
		{Role: "store", StoreIDs: []string{hotstatetest.TroubleStore}}, {Role: "store", StoreIDs: []string{"S2", "X1"}},
		{Role: "store", RetailerID: "main"}, {Role: "store"},
		{Role: "manufacturer", ManufacturerID: "m1"}, {Role: "auditor"}, {Role: "admin"},
	} {
		for name, read := range readers {
			var guarded, bare string
			var refused error
			err := hotstate.As(context.Background(), db.Query, actor, func(tx pgx.Tx) (err error) {
				guarded, refused = read(tx, actor)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			asOwner(t, db, func(tx pgx.Tx) error {
				var again error
				if bare, again = read(tx, actor); !errors.Is(again, refused) {
					t.Errorf("%s of %+v: %v, and without row-level security %v", name, actor, refused, again)
				}
				return nil
			})
			if refused != nil && !errors.Is(refused, hotstate.ErrRole) {
				t.Errorf("%s of %+v: %v", name, actor, refused)
			}
			if guarded != bare {
				t.Errorf("%s of %+v: %q, and without row-level security %q", name, actor, guarded, bare)
			}
		}
	}
}
