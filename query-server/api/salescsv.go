package api

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/hotstate"
)

const (
	csvFlushRows    = 500
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
	stream := salesStream{out: csv.NewWriter(w), connection: http.NewResponseController(w), query: query, limit: limit}
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
	out        *csv.Writer
	connection *http.ResponseController
	query      hotstate.SalesQuery
	limit      *time.Timer // on the first row
	rows       int
	begun      bool // something may have left
}

func (s *salesStream) write(row hotstate.SalesRow) error {
	if s.rows == 0 {
		if err := s.header(); err != nil {
			return err
		}
	}
	s.rows++
	cells := make([]string, 0, 16)
	if s.query.ByProduct {
		cells = append(cells, guard(row.RetailerID), guard(row.ItemID))
	}
	if s.query.ByStore {
		cells = append(cells, guard(row.StoreID))
	}
	if s.query.Period != hotstate.NoPeriod {
		cells = append(cells, periodText(row.Period, s.query.Period))
	}
	cells = append(cells, row.CurrencyCode, row.UnitsSold.String(), row.UnitsReturned.String(),
		row.AmountSold.String(), row.AmountReturned.String(), row.AmountNet.String(),
		strconv.FormatInt(row.Lines, 10), strconv.FormatInt(row.Tickets, 10), row.AveragePrice.String())
	if row.Stores != nil {
		cells = append(cells, strconv.FormatInt(*row.Stores, 10))
	}
	if s.query.ByProduct {
		cells = append(cells, guardName(row.Description))
	}
	if s.query.ByStore {
		cells = append(cells, guardName(row.StoreName))
	}
	if err := s.out.Write(cells); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	if s.rows%csvFlushRows == 0 {
		return s.flush()
	}
	return nil
}

func (s *salesStream) header() error {
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
	if err := s.out.Write(names); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}

// flush gives the client a while to take what has gathered.
func (s *salesStream) flush() error {
	if err := s.connection.SetWriteDeadline(time.Now().Add(csvWriteTimeout)); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	s.out.Flush()
	if err := s.out.Error(); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	if err := s.connection.Flush(); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}

func (s *salesStream) finish() error {
	if s.rows == 0 {
		if err := s.header(); err != nil {
			return err
		}
	}
	return s.flush()
}

// guard keeps a spreadsheet from taking a text of ours for a formula. Numbers are digits and need none: a guarded
// negative amount would be a text that no spreadsheet adds up.
func guard(cell string) string {
	if strings.IndexAny(cell, "=+-@\t\r") == 0 {
		return "'" + cell
	}
	return cell
}

func guardName(name *string) string {
	if name == nil {
		return ""
	}
	return guard(*name)
}
