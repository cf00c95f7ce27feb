package hotstate

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// Period is the part of the calendar by which sales are grouped.
type Period string

const (
	NoPeriod Period = ""
	ByDay    Period = "day"
	ByMonth  Period = "month"
)

// SalesQuery says which sales, and how they are summed; what is zero does not narrow.
type SalesQuery struct {
	ByProduct, ByStore bool
	Period             Period
	From, To           *time.Time // business days, inclusive
	ItemID, StoreID    string
	ChangedSince       *int64      // a block: only groups that a later one changed, the emptied ones too
	Cells              []SalesCell // with ByProduct, ByStore and ByDay only
	Smallest           SmallestCells
	After              *SalesKey
	Limit              int // 0: all
}

// SalesKey identifies a row of an answer. What is not grouped by is zero.
type SalesKey struct {
	RetailerID   string // of the product, since an item id means nothing at another retailer
	ItemID       string
	StoreID      string
	Period       time.Time // the day, or the first of the month
	CurrencyCode string
}

// A SalesRow is a group's sums: money in minor units, and units.
type SalesRow struct {
	SalesKey
	UnitsSold      Decimal
	UnitsReturned  Decimal
	AmountSold     Decimal
	AmountReturned Decimal
	Lines          int64
	Tickets        int64   // distinct
	Stores         *int64  // that sold or took back; nil: grouped by store
	Description    *string // of the product, where it has one and the actor may read it
	StoreName      *string
}

// AmountNet is what was sold less what was returned.
func (r *SalesRow) AmountNet() Decimal { return r.AmountSold.Minus(r.AmountReturned) }

// AveragePrice is that of a unit sold, in minor units with up to two places; false: none was sold.
func (r *SalesRow) AveragePrice() (price Decimal, sold bool) { return r.AmountSold.Per(r.UnitsSold) }

// ReadSales gives the actor's sales, a row a group, in the order of their keys. A row is good until yield returns.
func ReadSales(ctx context.Context, tx pgx.Tx, actor Actor, query SalesQuery, yield func(*SalesRow) error) error {
	switch actor.Role {
	case RoleStore, RoleManufacturer, RoleAuditor, RoleAdmin:
	default:
		return ErrRole
	}
	reader := salesReader{tx: tx, query: query, names: newSalesNames(query)}
	sql, args := salesSQL(actor, query)
	if query.Limit == 0 && query.Cells == nil {
		return reader.stream(ctx, sql, args, yield)
	}
	rows, err := reader.read(ctx, sql, args...)
	if err != nil {
		return err
	}
	return yieldEach(rows, yield)
}

func yieldEach(rows []SalesRow, yield func(*SalesRow) error) error {
	for i := range rows {
		if err := yield(&rows[i]); err != nil {
			return err
		}
	}
	return nil
}
