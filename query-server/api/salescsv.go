package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/hotstate"
)

const (
	csvPart         = 32 << 10    // bytes that are sent at once
	csvWriteTimeout = time.Minute // for each such part: a client that reads on may take as long as it likes
)

// salesCSV streams all rows, in constant memory. After the first byte an error cannot be told any more: then the
// connection is cut, so that the client sees that something is missing.
func (s *server) salesCSV(w http.ResponseWriter, r *http.Request, query hotstate.SalesQuery) {
	if r.URL.Query().Has("cursor") || r.URL.Query().Has("limit") {
		s.fail(w, r, badParameter("limit", "csv", "limit and cursor are for JSON; CSV has all rows"))
		return
	}
	query.Limit = 0
	// The limit is on the first row: from there on a client may take as long as it reads.
	ctx, cancel := context.WithCancelCause(r.Context())
	defer cancel(nil)
	limit := time.AfterFunc(s.SalesWithin, func() { cancel(context.DeadlineExceeded) })
	defer limit.Stop()
	stream := salesStream{client: w, connection: http.NewResponseController(w), query: query, limit: limit}
	actor := caller(r).Actor()
	err := hotstate.As(ctx, s.Pool, actor, func(tx pgx.Tx) error {
		asOf, err := hotstate.ReadAsOf(ctx, tx)
		if err != nil {
			return err
		}
		setCSVHeaders(w.Header(), asOf)
		return hotstate.ReadSales(ctx, tx, actor, query, stream.write)
	})
	if err == nil {
		err = stream.finish()
	}
	if err != nil && errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		err = context.DeadlineExceeded
	}
	if err != nil && stream.begun {
		s.Log.WarnContext(r.Context(), "CSV cut short", "requestId", requestID(r), "rows", stream.rows, "error", err)
		panic(http.ErrAbortHandler)
	}
	if err != nil {
		for _, name := range []string{"Content-Disposition", asOfBlockHeader, asOfTimeHeader} {
			w.Header().Del(name)
		}
		s.fail(w, r, err)
	}
}

// A CSV file has no place for asOf: it is in these headers.
const (
	asOfBlockHeader = "Tillproof-As-Of-Block"
	asOfTimeHeader  = "Tillproof-As-Of-Time"
)

func setCSVHeaders(header http.Header, asOf hotstate.AsOf) {
	header.Set("Content-Type", "text/csv; charset=utf-8; header=present")
	header.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="sales-%d.csv"`, max(asOf.Block, 0)))
	header.Set("Cache-Control", "private, no-cache")
	header.Set(asOfBlockHeader, strconv.FormatInt(asOf.Block, 10))
	if asOf.Time != nil {
		header.Set(asOfTimeHeader, asOf.Time.Format(time.RFC3339Nano))
	}
}

// salesStream writes rows as they come from the database.
type salesStream struct {
	out        csvWriter
	client     io.Writer
	connection *http.ResponseController
	query      hotstate.SalesQuery
	limit      *time.Timer // on the first row
	rows       int
	begun      bool // something may have left
}

func (s *salesStream) write(row *hotstate.SalesRow) error {
	if s.rows == 0 {
		s.header()
	}
	s.rows++
	out := &s.out
	if s.query.ByProduct {
		out.name(&row.RetailerID)
		out.name(&row.ItemID)
	}
	if s.query.ByStore {
		out.name(&row.StoreID)
	}
	if s.query.Period != hotstate.NoPeriod {
		out.day(row.Period, periodLayout(s.query.Period))
	}
	out.name(&row.CurrencyCode)
	for _, sum := range [...]hotstate.Decimal{row.UnitsSold, row.UnitsReturned, row.AmountSold, row.AmountReturned, row.AmountNet()} {
		out.decimal(sum)
	}
	out.integer(row.Lines)
	out.integer(row.Tickets)
	if price, sold := row.AveragePrice(); sold {
		out.decimal(price)
	} else {
		out.name(nil)
	}
	if row.Stores != nil {
		out.integer(*row.Stores)
	}
	if s.query.ByProduct {
		out.name(row.Description)
	}
	if s.query.ByStore {
		out.name(row.StoreName)
	}
	out.end()
	if len(out.text) >= csvPart {
		return s.flush()
	}
	return nil
}

func (s *salesStream) header() {
	s.limit.Stop()
	s.begun = true
	var names []string
	if s.query.ByProduct {
		names = append(names, "retailerId", "itemId")
	}
	if s.query.ByStore {
		names = append(names, "storeId")
	}
	if s.query.Period != hotstate.NoPeriod {
		names = append(names, string(s.query.Period))
	}
	names = append(names, "currencyCode", "unitsSold", "unitsReturned", "amountSold", "amountReturned", "amountNet", "lines", "tickets", "averagePrice")
	if !s.query.ByStore {
		names = append(names, "stores")
	}
	if s.query.ByProduct {
		names = append(names, "description")
	}
	if s.query.ByStore {
		names = append(names, "storeName")
	}
	for i := range names {
		s.out.name(&names[i])
	}
	s.out.end()
}

// flush gives the client a while to take what has gathered.
func (s *salesStream) flush() error {
	if err := s.connection.SetWriteDeadline(time.Now().Add(csvWriteTimeout)); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	if _, err := s.client.Write(s.out.text); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	s.out.text = s.out.text[:0]
	if err := s.connection.Flush(); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}

func (s *salesStream) finish() error {
	if s.rows == 0 {
		s.header()
	}
	return s.flush()
}
