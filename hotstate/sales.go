package hotstate

import (
	"context"
	"encoding/json"
	"fmt"
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

// A SalesRow is a group's sums. They are exact decimals: money in minor units, units with up to three places.
type SalesRow struct {
	SalesKey
	UnitsSold      json.Number
	UnitsReturned  json.Number
	AmountSold     json.Number
	AmountReturned json.Number
	AmountNet      json.Number
	Lines          int64
	Tickets        int64       // distinct
	AveragePrice   json.Number // of a unit sold, in minor units with up to two places; "": none was sold
	Stores         *int64      // that sold or took back; nil: grouped by store
	Description    *string     // of the product, where it has one and the actor may read it
	StoreName      *string
}

// ReadSales gives the actor's sales, a row a group, in the order of their keys.
func ReadSales(ctx context.Context, tx pgx.Tx, actor Actor, query SalesQuery, yield func(SalesRow) error) error {
	switch actor.Role {
	case RoleStore, RoleManufacturer, RoleAuditor, RoleAdmin:
	default:
		return ErrRole
	}
	sql, args := salesSQL(actor, query)
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return fmt.Errorf("read sales: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var r SalesRow
		err := rows.Scan(&r.RetailerID, &r.ItemID, &r.StoreID, &r.Period, &r.CurrencyCode,
			(*string)(&r.UnitsSold), (*string)(&r.UnitsReturned),
			(*string)(&r.AmountSold), (*string)(&r.AmountReturned), (*string)(&r.AmountNet), &r.Lines, &r.Tickets,
			(*string)(&r.AveragePrice), &r.Stores, &r.Description, &r.StoreName)
		if err != nil {
			return fmt.Errorf("read sales: %w", err)
		}
		if err := yield(r); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read sales: %w", err)
	}
	return nil
}
