package e2e_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

// A member who did all that a member can do is forgotten: in every table, in the folder of keys and on both peers nothing is
// left of id, name and login. What others have stays, and the same id begins anew.
func TestAForgottenMemberIsNowhere(t *testing.T) {
	t.Parallel()
	sh := running(t).newShop(t)
	ann, bea := "canary-"+uuid.NewString(), sh.newMember()
	name, login := "Canary "+uuid.NewString(), "canary-login-"+uuid.NewString()
	sh.ask("PUT", "/v1/customers/"+ann, sh.as(t, admin), fmt.Sprintf(`{"name":%q}`, name), http.StatusCreated, nil)
	sh.ask("PUT", "/v1/users/"+login, sh.as(t, admin), fmt.Sprintf(`{"role":"customer","password":"correct horse battery","loyaltyId":%q}`, ann),
		http.StatusCreated, nil)

	sale, beas := sh.live(ann, bea)
	needles := map[string][]byte{"loyalty id": []byte(ann), "name": []byte(name), "login": []byte(login)}
	if found := sh.findEverywhere(needles); len(found) < 10 { // or the search would prove nothing
		t.Errorf("before, the search found only %v", found)
	}

	erased := sh.forget(ann)
	if erased.Tickets == 0 || erased.Emptied != erased.Tickets {
		t.Errorf("%+v: want all tickets emptied", erased)
	}
	for _, place := range sh.findEverywhere(needles) {
		t.Errorf("still there: %s", place)
	}
	if again := sh.forget(ann); again.ErasureID != erased.ErasureID {
		t.Errorf("asked again: %+v, want %+v", again, erased)
	}
	sh.ask("DELETE", "/v1/customers/"+uuid.NewString(), sh.as(t, admin), "", http.StatusNotFound, nil)

	if got := sh.points(ann); got != (pointsOf{}) {
		t.Errorf("points are left: %+v", got)
	}
	if left := list[any](t, sh.system, sh.as(t, customer(ann)), "/v1/tickets", nil); len(left) > 0 {
		t.Errorf("%d tickets are left", len(left))
	}
	sh.has(bea, beas, 0)
	for _, of := range []string{"", "/proof"} { // the store's ticket and its proof are as good as before
		var shown any
		sh.get(t, sh.till, "/v1/tickets/"+sale+of, nil, http.StatusOK, &shown)
	}
	sh.ask("POST", "/v1/transfers", sh.as(t, customer(ann)), fmt.Sprintf(`{"toLoyaltyId":%q,"points":1}`, bea), http.StatusConflict, nil)
	for _, place := range sh.findEverywhere(needles) {
		t.Errorf("there again: %s", place)
	}

	sh.sell(purchase{member: ann, grand: 700})
	sh.has(ann, 7, 0)
	sh.forget(ann)
}

// live lets ann buy, redeem, return, give and be given points. It gives a sale of hers, and what bea has in the end.
func (sh *shop) live(ann, bea string) (sale string, beas int64) {
	sh.t.Helper()
	sale = sh.sell(purchase{member: ann, grand: 10_000})
	sh.sell(purchase{member: bea, grand: 1_000})
	sh.has(ann, 100, 0)
	sh.has(bea, 10, 0)
	var held redemption
	sh.ask("POST", "/v1/redemptions", sh.till, sh.redeem(ann, 20), http.StatusCreated, &held)
	sh.sell(purchase{member: ann, grand: 500, more: paid(20, 480, held.RedemptionID)})
	sh.has(ann, 85, 0)
	sh.ask("POST", "/v1/redemptions", sh.till, sh.redeem(ann, 5), http.StatusCreated, &held) // stays open
	back := sh.sell(purchase{kind: "Return", member: ann, grand: -1_000, lines: returnedLine(1_000, sale)})
	sh.has(ann, 70, 5)
	sh.isUndoneBy(ann, back, -10)
	sh.ask("POST", "/v1/transfers", sh.as(sh.t, customer(ann)), fmt.Sprintf(`{"toLoyaltyId":%q,"points":10}`, bea), http.StatusCreated, nil)
	sh.ask("POST", "/v1/transfers", sh.as(sh.t, customer(bea)), fmt.Sprintf(`{"toLoyaltyId":%q,"points":5}`, ann), http.StatusCreated, nil)
	sh.has(ann, 65, 5)
	return sale, 15
}

// isUndoneBy wants a line in a member's statement that says which ticket undid these points.
func (sh *shop) isUndoneBy(member, ticket string, points int64) {
	sh.t.Helper()
	for _, line := range list[struct {
		Kind   string
		Points int64
		Ticket struct{ TransactionID string }
	}](sh.t, sh.system, sh.as(sh.t, customer(member)), "/v1/points/entries", nil) {
		if line.Kind == "undo" && line.Points == points && line.Ticket.TransactionID == ticket {
			return
		}
	}
	sh.t.Errorf("no line of the statement says that ticket %s undid %d points", ticket, points)
}

type erasure struct {
	ErasureID, Status, Step string
	Tickets, Emptied        int
}

// forget has a member forgotten, and waits until it is done.
func (sh *shop) forget(member string) (e erasure) {
	sh.t.Helper()
	sh.ask("DELETE", "/v1/customers/"+url.PathEscape(member), sh.as(sh.t, admin), "", http.StatusAccepted, &e)
	for deadline := time.Now().Add(time.Minute); e.Status != "done"; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			sh.t.Fatalf("not forgotten yet: %+v", e)
		}
		sh.ask("GET", "/v1/erasures/"+e.ErasureID, sh.as(sh.t, admin), "", http.StatusOK, &e)
	}
	return e
}

// findEverywhere names the tables and files in which something stands: of the database, the keys, both peers, and the logs.
func (sh *shop) findEverywhere(needles map[string][]byte) (places []string) {
	sh.t.Helper()
	db, err := pgxpool.New(sh.t.Context(), sh.env["DATABASE_URL"])
	if err != nil {
		sh.t.Fatal(err)
	}
	defer db.Close()
	for what, needle := range needles {
		for _, table := range hotstatetest.Holding(sh.t, db, needle) {
			places = append(places, what+" in "+table)
		}
	}
	run := filepath.Dir(os.Getenv("TILLPROOF_E2E_ENV"))
	for _, root := range []string{sh.env["TILLPROOF_KEYS_DIR"], filepath.Join(run, "fabric"), filepath.Join(run, "log")} {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() {
				return nil // a database drops files as it works
			}
			content, _ := os.ReadFile(path)
			for what, needle := range needles {
				if bytes.Contains(content, needle) {
					places = append(places, what+" in "+path)
				}
			}
			return nil
		})
		if err != nil {
			sh.t.Fatal(err)
		}
	}
	return places
}
