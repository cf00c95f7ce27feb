package api

import (
	"net/http"
	"net/url"
	"time"

	"github.com/gorilla/mux"
	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/hotstate"
)

const (
	defaultDays = 31
	maxDays     = 366
)

type storeDay struct {
	Day             string                 `json:"day"`
	WorkstationID   *string                `json:"workstationId"` // null: redemptions that the store captured without a ticket
	Recorded        int64                  `json:"recorded"`
	Accepted        int64                  `json:"accepted"`
	Rejected        int64                  `json:"rejected"`
	First           *int64                 `json:"firstSequenceNumber"`
	Last            *int64                 `json:"lastSequenceNumber"`
	MissingNumbers  int64                  `json:"missingNumbers"`
	Gaps            []hotstate.SequenceGap `json:"gaps"`
	Totals          []hotstate.TillTotal   `json:"totals"`
	PointsAwarded   int64                  `json:"pointsAwarded"`
	PointsTakenBack int64                  `json:"pointsTakenBack"`
	Redemptions     int64                  `json:"redemptions"`
	PointsRedeemed  int64                  `json:"pointsRedeemed"`
}

type storeDaysAnswer struct {
	page[storeDay]
	From *string       `json:"from"` // the range answered, null for a store without any ticket
	To   *string       `json:"to"`
	AsOf hotstate.AsOf `json:"asOf"`
}

// storeDays answers for the last days there are, if the caller names none.
func (s *server) storeDays(w http.ResponseWriter, r *http.Request) {
	p := readParameters(r, "from", "to", "limit", "cursor")
	from, to := p.days()
	limit := p.limit()
	if from != nil && to != nil && to.Sub(*from) >= maxDays*24*time.Hour {
		p.bad("to", "range", "it is more than 366 days after from")
	}
	storeID, err := url.PathUnescape(mux.Vars(r)["storeId"])
	if err != nil || !goodID(storeID) {
		notFound(w, r)
		return
	}
	if err := p.err(); err != nil {
		s.fail(w, r, err)
		return
	}
	var after hotstate.StoreDayPosition
	more, err := s.cursors.decode(r, &after)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	query := hotstate.StoreDayQuery{StoreID: storeID, Limit: limit + 1}
	if more {
		query.After = &after
	}
	answer := storeDaysAnswer{page: page[storeDay]{Items: []storeDay{}}}
	var days []hotstate.StoreDay
	actor := caller(r).Actor()
	err = hotstate.As(r.Context(), s.Pool, actor, func(tx pgx.Tx) (err error) {
		if answer.AsOf, err = hotstate.ReadAsOf(r.Context(), tx); err != nil {
			return err
		}
		newest, err := hotstate.NewestDay(r.Context(), tx, actor, storeID)
		if err != nil || newest.IsZero() {
			return err
		}
		query.From, query.To = dayRange(from, to, newest)
		first, last := query.From.Format(time.DateOnly), query.To.Format(time.DateOnly)
		answer.From, answer.To = &first, &last
		days, err = hotstate.ReadStoreDays(r.Context(), tx, actor, query)
		return err
	})
	for i, d := range days {
		if i == limit {
			last := days[limit-1]
			answer.NextCursor, err = s.cursors.encode(r, hotstate.StoreDayPosition{Day: last.Day, WorkstationID: last.WorkstationID})
			break
		}
		answer.Items = append(answer.Items, storeDayAnswer(d))
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, answer)
}

// dayRange completes a range of which one end or both are not given.
func dayRange(from, to *time.Time, newest time.Time) (time.Time, time.Time) {
	switch {
	case from != nil && to != nil:
		return *from, *to
	case from != nil:
		return *from, from.AddDate(0, 0, maxDays-1)
	case to != nil:
		newest = *to
	}
	return newest.AddDate(0, 0, 1-defaultDays), newest
}

func storeDayAnswer(d hotstate.StoreDay) storeDay {
	answer := storeDay{
		Day:      d.Day.Format(time.DateOnly),
		Recorded: d.Recorded, Accepted: d.Accepted, Rejected: d.Rejected, First: d.First, Last: d.Last,
		MissingNumbers: d.Missing, Gaps: d.Gaps, Totals: d.Totals, PointsAwarded: d.PointsAwarded, PointsTakenBack: d.PointsTaken,
		Redemptions: d.Redemptions, PointsRedeemed: d.PointsSpent,
	}
	if d.WorkstationID != "" {
		answer.WorkstationID = &d.WorkstationID
	}
	return answer
}
