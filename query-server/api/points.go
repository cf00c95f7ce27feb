package api

import (
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"

	program "github.com/tillproof/tillproof/domain/points"
	"github.com/tillproof/tillproof/hotstate"
)

type pointsAnswer struct {
	Available int64           `json:"available"`
	Pending   int64           `json:"pending"`
	Held      int64           `json:"held"`
	Expiring  []expiringPoint `json:"expiring"`
	AsOf      hotstate.AsOf   `json:"asOf"`
}

type expiringPoint struct {
	Points int64  `json:"points"`
	On     string `json:"on"`
}

func (s *server) points(w http.ResponseWriter, r *http.Request) {
	if err := readParameters(r).err(); err != nil {
		s.fail(w, r, err)
		return
	}
	answer := pointsAnswer{Expiring: []expiringPoint{}}
	actor := caller(r).Actor()
	err := hotstate.As(r.Context(), s.Pool, actor, func(tx pgx.Tx) (err error) {
		points, asOf, err := hotstate.ReadPoints(r.Context(), tx, actor)
		if err != nil {
			return err
		}
		answer.AsOf, answer.Available, answer.Pending, answer.Held = asOf, points.Available, points.Pending, points.Held
		for _, part := range points.Expiring {
			answer.Expiring = append(answer.Expiring, expiringPoint{part.Points, program.Month(part.Month).LastDay()})
		}
		return nil
	})
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, answer)
}

type pointsEntry struct {
	Kind           string       `json:"kind"`
	Points         int64        `json:"points"`
	BalanceAfter   int64        `json:"balanceAfter"`
	EligibleAmount int64        `json:"eligibleAmount"`
	CurrencyCode   string       `json:"currencyCode"`
	RuleVersion    int32        `json:"ruleVersion"`
	BusinessDay    string       `json:"businessDayDate"`
	RecordedAt     time.Time    `json:"recordedAt"`
	Conversion     *conversion  `json:"conversion,omitempty"`
	Ticket         *entryTicket `json:"ticket,omitempty"`
	Ledger         ledgerPlace  `json:"ledger"`
}

// conversion says at which rate an amount was counted in the programme's currency.
type conversion struct {
	Rate   int64  `json:"rate"`   // billionths of the programme's minor unit for one of the ticket's
	Source string `json:"source"` // tier, whose rate it is, and since when it holds: live ECB 20261119T0000Z
}

type entryTicket struct {
	TransactionID string `json:"transactionId"`
	StoreID       string `json:"storeId"`
	GrandTotal    int64  `json:"grandTotal"`
}

// ledgerPlace says where something stands on the ledger.
type ledgerPlace struct {
	Channel string `json:"channel"`
	TxID    string `json:"txId"`
	Block   int64  `json:"block"`
}

func (s *server) pointsEntries(w http.ResponseWriter, r *http.Request) {
	p := readParameters(r, "limit", "cursor")
	limit := p.limit()
	if err := p.err(); err != nil {
		s.fail(w, r, err)
		return
	}
	var position hotstate.EntryPosition
	after := &position
	if more, err := s.cursors.decode(r, after); err != nil {
		s.fail(w, r, err)
		return
	} else if !more {
		after = nil
	}
	var entries []hotstate.PointsEntry
	var asOf hotstate.AsOf
	actor := caller(r).Actor()
	err := hotstate.As(r.Context(), s.Pool, actor, func(tx pgx.Tx) (err error) {
		if asOf, err = hotstate.ReadAsOf(r.Context(), tx); err != nil {
			return err
		}
		entries, err = hotstate.ReadPointsEntries(r.Context(), tx, actor, after, limit+1)
		return err
	})
	if err != nil {
		s.fail(w, r, err)
		return
	}
	answer := page[pointsEntry]{Items: []pointsEntry{}}
	for i, e := range entries {
		if i == limit {
			last := entries[limit-1]
			answer.NextCursor, err = s.cursors.encode(r, hotstate.EntryPosition{Block: last.Block, TxIndex: last.TxIndex,
				BusinessDay: last.BusinessDay, EntryID: last.ID})
			break
		}
		answer.Items = append(answer.Items, entryAnswer(e, asOf.Channel))
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, answer)
}

func entryAnswer(e hotstate.PointsEntry, channel string) pointsEntry {
	answer := pointsEntry{
		Kind: e.Kind, Points: e.Points, BalanceAfter: e.BalanceAfter, EligibleAmount: e.EligibleAmount,
		CurrencyCode: e.CurrencyCode, RuleVersion: e.RuleVersion,
		BusinessDay: e.BusinessDay.Format(time.DateOnly), RecordedAt: e.RecordedAt.UTC(),
		Ledger: ledgerPlace{channel, e.TxID, e.Block},
	}
	if e.Conversion != 0 {
		answer.Conversion = &conversion{e.Conversion, e.Source}
	}
	if e.TransactionID != nil {
		answer.Ticket = &entryTicket{*e.TransactionID, *e.TicketStoreID, *e.TicketTotal}
	}
	return answer
}
