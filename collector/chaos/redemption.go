package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
)

// redemption is what the collector says of one.
type redemption struct {
	RedemptionID, Status string
	Points               int64
}

// redeem has points of a member held at a till, and then does one of all that may come of it.
func (s *system) redeem(ctx context.Context, b *book, t *till) error {
	who, points := t.someone(), t.part(60)
	held, err := s.hold(ctx, b, who, points)
	if err != nil || held == "" {
		return err
	}
	b.count(&b.held)
	switch t.dice.IntN(5) {
	case 0: // a sale is paid with all of it
		return s.sendAll(ctx, b, t, t.keep(t.sale(who.id, 6000+t.amount(), payment{held, who.id, points})))
	case 1: // or with a part, and the rest goes back
		return s.sendAll(ctx, b, t, t.keep(t.sale(who.id, 6000+t.amount(), payment{held, who.id, t.part(points)})))
	case 2:
		if err := s.end(ctx, b, held, "capture", "captured"); err != nil {
			return err
		}
		b.capture(who.id, points)
	case 3:
		return s.end(ctx, b, held, "release", "released")
	}
	return nil // held until its time is over: still the member's
}

// hold asks until it is known what came of it; "" if the member has not got the points.
func (s *system) hold(ctx context.Context, b *book, who *member, points int64) (id string, err error) {
	code, err := s.memberCode(ctx, b, who)
	if err != nil {
		return "", err
	}
	redemptions := s.servers.Collector + "/v1/redemptions"
	r := request{http.MethodPost, redemptions, s.tillToken, uuid.NewString(),
		map[string]any{"memberCode": code, "points": points, "storeId": s.store}}
	a, err := s.insist(ctx, b, r, http.StatusCreated, http.StatusAccepted, http.StatusConflict)
	for ; err == nil && a.status == http.StatusAccepted; a, err = s.insist(ctx, b, r, http.StatusCreated, http.StatusAccepted, http.StatusConflict) {
		if err := sleep(ctx, resendPause); err != nil {
			return "", err
		}
	}
	if err != nil {
		return "", err
	}
	if a.status == http.StatusConflict {
		if kind := a.problemType(); kind != "insufficient-points" && kind != "too-many-holds" {
			b.complain("a redemption was answered with %s", a)
		}
		b.count(&b.refused)
		return "", nil
	}
	var got redemption
	if err := json.Unmarshal(a.body, &got); err != nil || got.Status != "held" || got.Points != points || got.RedemptionID == "" {
		b.complain("a redemption of %d points was answered with %s", points, a)
		return "", errWrongAnswer
	}
	return got.RedemptionID, nil
}

// end captures or releases, until the ledger has it.
func (s *system) end(ctx context.Context, b *book, id, how, wanted string) error {
	r := request{http.MethodPost, s.servers.Collector + "/v1/redemptions/" + id + "/" + how, s.tillToken, "", nil}
	for {
		a, err := s.insist(ctx, b, r, http.StatusOK, http.StatusAccepted)
		if err != nil {
			return err
		}
		if a.status == http.StatusOK {
			var got redemption
			if err := json.Unmarshal(a.body, &got); err != nil || got.Status != wanted {
				b.complain("the %s of a redemption was answered with %s", how, a)
				return errWrongAnswer
			}
			return nil
		}
		if err := sleep(ctx, resendPause); err != nil {
			return err
		}
	}
}

// memberCode is what the member's app shows to the till.
func (s *system) memberCode(ctx context.Context, b *book, who *member) (string, error) {
	a, err := s.insist(ctx, b, request{http.MethodGet, s.servers.Query + "/v1/member-code", s.tokenOf(who), "", nil}, http.StatusOK)
	if err != nil {
		return "", err
	}
	var shown struct{ Code string }
	if err := json.Unmarshal(a.body, &shown); err != nil {
		return "", fmt.Errorf("read a member code: %w", err)
	}
	return shown.Code, nil
}

const betweenTransfers = 300 * time.Millisecond

// runTransfers lets members give one another points while the shop is open.
func (s *system) runTransfers(selling, uploading context.Context, b *book, t *till) {
	for sleep(selling, betweenTransfers) == nil {
		from, to := t.someone(), t.someone()
		if from == to {
			continue
		}
		if err := s.give(uploading, b, from, to, t.part(30)); err != nil {
			return
		}
	}
}

func (s *system) give(ctx context.Context, b *book, from, to *member, points int64) error {
	r := request{http.MethodPost, s.servers.Collector + "/v1/transfers", s.tokenOf(from), uuid.NewString(),
		map[string]any{"toLoyaltyId": to.id, "points": points}}
	for {
		a, err := s.insist(ctx, b, r, http.StatusCreated, http.StatusAccepted, http.StatusConflict)
		switch {
		case err != nil:
			return err
		case a.status == http.StatusCreated:
			b.transfer(from.id, to.id, points)
			return nil
		case a.status == http.StatusConflict:
			if a.problemType() != "insufficient-points" {
				b.complain("a transfer was answered with %s", a)
			}
			b.count(&b.refused)
			return nil
		}
		if err := sleep(ctx, resendPause); err != nil {
			return err
		}
	}
}
