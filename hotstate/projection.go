package hotstate

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// A Projection is what one block adds to the view. All of it commits together with the checkpoint.
type Projection struct {
	Channel      string
	Block        uint64
	Time         time.Time // of its newest transaction; zero: it has none
	Transactions []ProjectedTransaction
	Tickets      []ProjectedTicket
	Entries      []ProjectedEntry
	Members      map[[16]byte]string // whose an account is, where the block's bodies tell
	Accounts     []AccountChange     // in the order of transactions
	NewRules     bool                // the programme's rules changed
	Recorded     []LogEntry          // every recorded ticket in the order of the log; AppendLog gives them their index
}

// A ProjectedTransaction is one of the block, valid or not.
type ProjectedTransaction struct {
	Index int
	ID    string
	Code  string    // Fabric's validation code
	At    time.Time // zero: it names none
}

// A ProjectedTicket is a ticket that a valid transaction records.
type ProjectedTicket struct {
	Key             [32]byte
	RetailerID      string
	TransactionID   string // the ticket's own
	TransactionType string
	StoreID         string
	WorkstationID   string
	BusinessDay     string // YYYY-MM-DD
	SequenceNumber  int64
	EndedAt         time.Time
	CurrencyCode    string
	GrandTotal      int64
	LoyaltyID       *string
	Points          int64
	Commitment      [32]byte
	RuleVersion     uint32
	Trade, Person   []byte
	TxIndex         int
	TxID            string // the ledger's
	RecordedAt      time.Time
	Lines           []ProjectedLine
	Opening         ProjectedOpening
}

// A ProjectedLine is one line of a ticket.
type ProjectedLine struct {
	Number   int64
	ItemID   string
	GTIN     *string // 14 digits
	Quantity int64   // in thousandths
	Amount   int64
}

// A ProjectedEntry is a movement of points.
type ProjectedEntry struct {
	ID, Account    [16]byte
	LoyaltyID      *string // nil: the member is forgotten
	Kind           string
	Points         int64
	EligibleAmount int64
	CurrencyCode   string
	RuleVersion    uint32
	TicketKey      *[32]byte // nil: nothing joins it to a ticket any more
	BusinessDay    string
	ExpiryMonth    uint32 // year × 12 + month − 1; 0: never
	Conversion     int64  // to the programme's currency, in billionths of minor units; 0: none
	Source         string // of the conversion
	TxIndex        int
	TxID           string
	RecordedAt     time.Time
}

// projectorLock is the advisory lock of the one projector that may write the view.
const projectorLock = 0x74696c6c70726f6a // "tillproj"

// LockProjector makes this connection's session the projector's, if no other one is; the lock ends with the session.
func LockProjector(ctx context.Context, conn *pgx.Conn) (bool, error) {
	var locked bool
	if err := conn.QueryRow(ctx, "select pg_try_advisory_lock($1)", int64(projectorLock)).Scan(&locked); err != nil {
		return false, fmt.Errorf("lock the projector: %w", err)
	}
	return locked, nil
}

// NextBlock is the number of the first block that the view has not.
func NextBlock(ctx context.Context, db DB, channel string) (uint64, error) {
	var next int64
	err := db.QueryRow(ctx, `
		insert into view.checkpoint (channel, next_block) values ($1, 0)
		on conflict (channel) do update set channel = excluded.channel
		returning next_block`, channel).Scan(&next)
	if err != nil {
		return 0, fmt.Errorf("read the projector's checkpoint: %w", err)
	}
	return uint64(next), nil
}

// ViewNextBlock is NextBlock for those who only look.
func ViewNextBlock(ctx context.Context, db DB, channel string) (uint64, error) {
	var next int64
	err := db.QueryRow(ctx, `
		select coalesce((select next_block from view.checkpoint where channel = $1), 0)`, channel).Scan(&next)
	if err != nil {
		return 0, fmt.Errorf("read the projector's checkpoint: %w", err)
	}
	return uint64(next), nil
}

// Project writes a block's rows and moves the checkpoint over it, in one transaction. A block that is not the next one
// is refused: two projectors cannot both count it.
func Project(ctx context.Context, tx pgx.Tx, p Projection) error {
	var at *time.Time
	if !p.Time.IsZero() {
		at = &p.Time
	}
	tag, err := tx.Exec(ctx, `
		update view.checkpoint set next_block = $2::bigint + 1, as_of = greatest(as_of, $3)
		where channel = $1 and next_block = $2`, p.Channel, int64(p.Block), at)
	if err != nil {
		return fmt.Errorf("move the checkpoint to block %d: %w", p.Block, err)
	}
	if tag.RowsAffected() == 0 {
		return fmt.Errorf("block %d is not the next one of the view", p.Block)
	}
	for _, step := range []func(context.Context, pgx.Tx, Projection) error{
		insertTransactions, insertTickets, insertOpenings, insertSales,
		insertMembers, insertEntries, changeAccounts, settleBook,
	} {
		if err := step(ctx, tx, p); err != nil {
			return fmt.Errorf("project block %d: %w", p.Block, err)
		}
	}
	return nil
}

func insertTransactions(ctx context.Context, tx pgx.Tx, p Projection) error {
	return copyRows(ctx, tx, "transactions",
		[]string{"block", "tx_index", "tx_id", "validation_code", "at"},
		pgx.CopyFromSlice(len(p.Transactions), func(i int) ([]any, error) {
			t := &p.Transactions[i]
			var at *time.Time
			if !t.At.IsZero() {
				at = &t.At
			}
			return []any{int64(p.Block), t.Index, t.ID, t.Code, at}, nil
		}))
}

func insertTickets(ctx context.Context, tx pgx.Tx, p Projection) error {
	return copyRows(ctx, tx, "tickets",
		[]string{"ticket_key", "retailer_id", "transaction_id", "transaction_type", "store_id", "workstation_id",
			"business_day", "sequence_number", "ended_at", "currency_code", "grand_total", "loyalty_id", "points",
			"commitment", "rule_version", "trade", "person", "block", "tx_index", "tx_id", "recorded_at"},
		pgx.CopyFromSlice(len(p.Tickets), func(i int) ([]any, error) {
			t := &p.Tickets[i]
			day, err := time.Parse(time.DateOnly, t.BusinessDay)
			return []any{t.Key[:], t.RetailerID, t.TransactionID, t.TransactionType, t.StoreID, t.WorkstationID,
				day, t.SequenceNumber, t.EndedAt, t.CurrencyCode, t.GrandTotal, t.LoyaltyID, t.Points,
				t.Commitment[:], int64(t.RuleVersion), t.Trade, t.Person, int64(p.Block), t.TxIndex, t.TxID, t.RecordedAt}, err
		}))
}

// copyRows adds rows to a table of the view. COPY is the quickest way in, but refused on tables with row-level security:
// so it goes to a table of the session's own, and from there on.
func copyRows(ctx context.Context, tx pgx.Tx, table string, columns []string, rows pgx.CopyFromSource) error {
	_, err := tx.Exec(ctx, fmt.Sprintf(
		"create temporary table if not exists new_%s (like view.%s including defaults) on commit delete rows", table, table))
	if err != nil {
		return err
	}
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{"new_" + table}, columns, rows); err != nil {
		return err
	}
	list := strings.Join(columns, ", ")
	_, err = tx.Exec(ctx, fmt.Sprintf("insert into view.%s (%s) select %s from new_%s", table, list, list, table))
	return err
}

// settleBook lets go of what book held for the recorder: the ticket is in the view now. A ticket in conflict with the one
// on the ledger has that one's key, and stays what it is.
func settleBook(ctx context.Context, tx pgx.Tx, p Projection) error {
	if len(p.Tickets) == 0 {
		return nil
	}
	keys, transactions, ledgerIDs := make([][]byte, len(p.Tickets)), make([]string, len(p.Tickets)), make([]string, len(p.Tickets))
	for i := range p.Tickets {
		t := &p.Tickets[i]
		keys[i], transactions[i], ledgerIDs[i] = t.Key[:], t.TransactionID, t.TxID
	}
	_, err := tx.Exec(ctx, `
		with ended as (
			update book.tickets b
			set state = 'recorded', block = $4, tx_id = v.tx_id, reason = null, seed = null, body = null
			from unnest($1::bytea[], $2::text[], $3::text[]) as v (ticket_key, transaction_id, tx_id)
			where b.ticket_key = v.ticket_key and b.transaction_id = v.transaction_id::uuid and b.state <> 'rejected'
			returning b.id
		)
		delete from book.claims where ticket_id = any (array (select id from ended))`, keys, transactions, ledgerIDs, int64(p.Block))
	return err
}
