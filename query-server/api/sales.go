package api

import (
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/hotstate"
)

type salesAnswer struct {
	page[salesItem]
	AsOf hotstate.AsOf `json:"asOf"`
}

// A salesItem has the keys that were grouped by, and no others.
type salesItem struct {
	RetailerID     *string     `json:"retailerId,omitempty"`
	ItemID         *string     `json:"itemId,omitempty"`
	StoreID        *string     `json:"storeId,omitempty"`
	Day            *string     `json:"day,omitempty"`
	Month          *string     `json:"month,omitempty"`
	CurrencyCode   string      `json:"currencyCode"`
	UnitsSold      json.Number `json:"unitsSold"`
	UnitsReturned  json.Number `json:"unitsReturned"`
	AmountSold     json.Number `json:"amountSold"`
	AmountReturned json.Number `json:"amountReturned"`
	AmountNet      json.Number `json:"amountNet"`
	Lines          int64       `json:"lines"`
	Tickets        int64       `json:"tickets"`
	AveragePrice   json.Number `json:"averagePrice,omitempty"`
	Stores         *int64      `json:"stores,omitempty"`      // when not grouped by store
	Description    *string     `json:"description,omitempty"` // of the product
	StoreName      *string     `json:"storeName,omitempty"`
}

func (s *server) sales(w http.ResponseWriter, r *http.Request) {
	p := readParameters(r, "from", "to", "groupBy", "itemId", "storeId", "changedSince", "format", "limit", "cursor")
	query := hotstate.SalesQuery{ItemID: p.id("itemId"), StoreID: p.id("storeId"), ChangedSince: p.block("changedSince"), Smallest: s.SmallestCells}
	query.From, query.To = p.days()
	p.groupBy(&query)
	query.Limit = p.limit()
	format := p.oneOf("format", "json", "csv")
	if err := p.err(); err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Add("Vary", "Accept")
	if format == "csv" || format == "" && prefersCSV(r) {
		s.salesCSV(w, r, query)
		return
	}
	s.salesJSON(w, r, query)
}

// groupBy may be repeated, or one list with commas.
func (p *parameters) groupBy(query *hotstate.SalesQuery) {
	seen := map[string]bool{}
	for _, word := range strings.Split(strings.Join(p.query["groupBy"], ","), ",") {
		switch {
		case word == "":
			continue
		case seen[word]:
			p.bad("groupBy", "repeated", word+" is given more than once")
		case word == "product":
			query.ByProduct = true
		case word == "store":
			query.ByStore = true
		case (word == "day" || word == "month") && query.Period != hotstate.NoPeriod:
			p.bad("groupBy", "choice", "day and month exclude each other")
		case word == "day" || word == "month":
			query.Period = hotstate.Period(word)
		default:
			p.bad("groupBy", "choice", "it must be any of product, store, and one of day, month")
		}
		seen[word] = true
	}
}

func (s *server) salesJSON(w http.ResponseWriter, r *http.Request, query hotstate.SalesQuery) {
	var after hotstate.SalesKey
	if more, err := s.cursors.decode(r, &after); err != nil {
		s.fail(w, r, err)
		return
	} else if more {
		query.After = &after
	}
	limit := query.Limit
	query.Limit++
	answer := salesAnswer{page: page[salesItem]{Items: []salesItem{}}}
	var last hotstate.SalesKey
	actor := caller(r).Actor()
	ctx, cancel := context.WithTimeout(r.Context(), s.SalesWithin)
	defer cancel()
	err := hotstate.As(ctx, s.Pool, actor, func(tx pgx.Tx) (err error) {
		if answer.AsOf, err = hotstate.ReadAsOf(ctx, tx); err != nil {
			return err
		}
		return hotstate.ReadSales(ctx, tx, actor, query, func(row *hotstate.SalesRow) error {
			if len(answer.Items) == limit {
				answer.NextCursor, err = s.cursors.encode(r, last)
				return err
			}
			answer.Items, last = append(answer.Items, salesItemOf(row, query)), row.SalesKey
			return nil
		})
	})
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, answer)
}

func salesItemOf(row *hotstate.SalesRow, query hotstate.SalesQuery) salesItem {
	item := salesItem{
		CurrencyCode: row.CurrencyCode, UnitsSold: number(row.UnitsSold), UnitsReturned: number(row.UnitsReturned),
		AmountSold: number(row.AmountSold), AmountReturned: number(row.AmountReturned), AmountNet: number(row.AmountNet()),
		Lines: row.Lines, Tickets: row.Tickets, Stores: row.Stores, Description: row.Description, StoreName: row.StoreName,
	}
	if price, sold := row.AveragePrice(); sold {
		item.AveragePrice = number(price)
	}
	if query.ByProduct {
		item.RetailerID, item.ItemID = &row.RetailerID, &row.ItemID
	}
	if query.ByStore {
		item.StoreID = &row.StoreID
	}
	period := periodText(row.Period, query.Period)
	switch query.Period {
	case hotstate.ByDay:
		item.Day = &period
	case hotstate.ByMonth:
		item.Month = &period
	}
	return item
}

func number(d hotstate.Decimal) json.Number { return json.Number(d.String()) }

func periodText(t time.Time, period hotstate.Period) string { return t.Format(periodLayout(period)) }

func periodLayout(period hotstate.Period) string {
	if period == hotstate.ByMonth {
		return "2006-01"
	}
	return time.DateOnly
}

// prefersCSV reports whether the client names text/csv before any JSON.
func prefersCSV(r *http.Request) bool {
	for _, accepted := range strings.Split(r.Header.Get("Accept"), ",") {
		kind, _, err := mime.ParseMediaType(accepted)
		if err != nil {
			continue
		}
		switch kind {
		case "text/csv":
			return true
		case "application/json", "*/*":
			return false
		}
	}
	return false
}
