package hotstate

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
)

// An AccountChange is what one transaction did to the heads of accounts.
type AccountChange struct {
	TxIndex    int
	TxID       string
	RecordedAt time.Time
	Heads      []ProjectedHead
	Holds      []ProjectedHold
	Transfers  []ProjectedTransfer
	Folded     []FoldedEntry
}

// A ProjectedHead is an account's head after a transaction.
type ProjectedHead struct {
	Account   [16]byte
	Available int64 // buckets less debt
	Held      int64
	Buckets   []ProjectedBucket
}

// A ProjectedBucket is points that expire together.
type ProjectedBucket struct {
	Month  uint32 // year × 12 + month − 1; 0: never
	Points int64
}

// A ProjectedHold is a hold after a transaction.
type ProjectedHold struct {
	ID, Account                 [16]byte
	State                       string
	Points, Captured, GivenBack int64
	ExpiresAt                   time.Time
	TicketKey                   *[32]byte // that was paid with it in this transaction
}

// A ProjectedTransfer is points that went from one account to another.
type ProjectedTransfer struct {
	ID, From, To [16]byte
	Points       int64
}

// A FoldedEntry is a points entry that a head has taken in.
type FoldedEntry struct {
	ID, Account [16]byte
	Points      int64
}

// States of a hold: an open one, and one whose points were spent.
const (
	stateHeld     = "held"
	stateCaptured = "captured"
)

// changeAccounts brings heads, holds and balances forward. What spending does leaves no entry on the ledger; the statement
// gets rows for it here, so that its sum is all that a member has: available and held.
func changeAccounts(ctx context.Context, tx pgx.Tx, p Projection) error {
	for i := range p.Accounts {
		if err := changeAccount(ctx, tx, p, &p.Accounts[i]); err != nil {
			return fmt.Errorf("change accounts: %w", err)
		}
	}
	return nil
}

func changeAccount(ctx context.Context, tx pgx.Tx, p Projection, c *AccountChange) error {
	statement, err := c.spent(ctx, tx)
	if err != nil {
		return err
	}
	folded, err := c.markFolded(ctx, tx)
	if err != nil {
		return err
	}
	before, err := headsBefore(ctx, tx, c.Heads)
	if err != nil {
		return err
	}
	moved := make(map[[16]byte]balance)
	for _, head := range c.Heads {
		was := before[head.Account]
		by := balance{available: head.Available - was.available - folded[head.Account], held: head.Held - was.held}
		moved[head.Account] = by
		if expired := sumOf(statement, head.Account) - by.available - by.held; expired != 0 { // what nothing else explains
			statement = append(statement, c.row("expired", head.Account, [16]byte{}, -expired, nil))
		}
	}
	members, err := membersOf(ctx, tx, c.accounts())
	if err != nil {
		return err
	}
	if err := c.write(ctx, tx, p, members); err != nil {
		return err
	}
	if err := c.keepRedemptions(ctx, tx, p.Block); err != nil {
		return err
	}
	if err := nameMembers(ctx, tx, statement); err != nil {
		return err
	}
	if err := copyEntries(ctx, tx, p, statement, true); err != nil {
		return err
	}
	return moveBalances(ctx, tx, byMember(moved, members))
}

// spent makes the rows of what left an account through its head: captured holds and transfers. Of a capture beyond the hold
// the rest is an entry of its own on the ledger.
func (c *AccountChange) spent(ctx context.Context, tx pgx.Tx) ([]ProjectedEntry, error) {
	open, err := openBefore(ctx, tx, c.Holds)
	if err != nil {
		return nil, err
	}
	var rows []ProjectedEntry
	for i := range c.Holds {
		hold := &c.Holds[i]
		if paid := min(hold.Captured, hold.Points); open[hold.ID] && hold.State == stateCaptured && paid > 0 {
			rows = append(rows, c.row("redemption", hold.Account, hold.ID, -paid, hold.TicketKey))
		}
	}
	for _, transfer := range c.Transfers {
		rows = append(rows, c.row("transfer-out", transfer.From, transfer.ID, -transfer.Points, nil))
	}
	return rows, nil
}

// noCurrency is ISO 4217's code where no money is concerned.
const noCurrency = "XXX"

// row makes a line of the statement. Its id follows from what it is for, so that the same ledger gives the same rows.
func (c *AccountChange) row(kind string, account, of [16]byte, points int64, ticket *[32]byte) ProjectedEntry {
	id := sha256.Sum256(fmt.Appendf(nil, "tillproof/v1/statement/%s/%s/%x/%x", kind, c.TxID, account, of))
	return ProjectedEntry{
		ID: [16]byte(id[:16]), Account: account, Kind: kind, Points: points, CurrencyCode: noCurrency, TicketKey: ticket,
		BusinessDay: c.RecordedAt.UTC().Format(time.DateOnly), TxIndex: c.TxIndex, TxID: c.TxID, RecordedAt: c.RecordedAt,
	}
}

func sumOf(rows []ProjectedEntry, account [16]byte) (sum int64) {
	for i := range rows {
		if rows[i].Account == account {
			sum += rows[i].Points
		}
	}
	return sum
}

// markFolded marks entries as folded and says what they come to, by account.
func (c *AccountChange) markFolded(ctx context.Context, tx pgx.Tx) (map[[16]byte]int64, error) {
	sums := make(map[[16]byte]int64)
	if len(c.Folded) == 0 {
		return sums, nil
	}
	ids := make([][]byte, len(c.Folded))
	for i := range c.Folded {
		ids[i] = c.Folded[i].ID[:]
		sums[c.Folded[i].Account] += c.Folded[i].Points
	}
	tag, err := tx.Exec(ctx, `update view.points_entries set folded = true where entry_id = any ($1) and not folded`, ids)
	if err == nil && tag.RowsAffected() != int64(len(ids)) {
		slog.ErrorContext(ctx, "the ledger folded points entries that the view has not", "txId", c.TxID,
			"folded", len(ids), "known", tag.RowsAffected())
	}
	return sums, err
}

func headsBefore(ctx context.Context, tx pgx.Tx, heads []ProjectedHead) (map[[16]byte]balance, error) {
	before := make(map[[16]byte]balance, len(heads))
	ids := make([][]byte, len(heads))
	for i := range heads {
		ids[i] = heads[i].Account[:]
	}
	rows, err := tx.Query(ctx, `select account, available, held from view.points_heads where account = any ($1)`, ids)
	if err != nil {
		return nil, err
	}
	var account []byte
	var was balance
	_, err = pgx.ForEachRow(rows, []any{&account, &was.available, &was.held}, func() error {
		before[[16]byte(account)] = was
		return nil
	})
	return before, err
}

// openBefore tells which of the holds were open before the transaction.
func openBefore(ctx context.Context, tx pgx.Tx, holds []ProjectedHold) (map[[16]byte]bool, error) {
	open := make(map[[16]byte]bool)
	if len(holds) == 0 {
		return open, nil
	}
	ids := make([][16]byte, len(holds))
	for i := range holds {
		ids[i] = holds[i].ID
	}
	rows, err := tx.Query(ctx, `select hold_id from view.holds where hold_id = any ($1::uuid[]) and state = $2`, ids, stateHeld)
	if err != nil {
		return nil, err
	}
	var id [16]byte
	_, err = pgx.ForEachRow(rows, []any{&id}, func() error {
		open[id] = true
		return nil
	})
	return open, err
}

func (c *AccountChange) accounts() (accounts [][]byte) {
	for i := range c.Heads {
		accounts = append(accounts, c.Heads[i].Account[:])
	}
	for i := range c.Holds {
		accounts = append(accounts, c.Holds[i].Account[:])
	}
	return accounts
}

// byMember joins movements of accounts to members; a forgotten member has no balance.
func byMember(moved map[[16]byte]balance, members map[[16]byte]string) map[string]balance {
	named := make(map[string]balance, len(moved))
	for account, by := range moved {
		if member, known := members[account]; known {
			sum := named[member]
			named[member] = balance{sum.available + by.available, sum.held + by.held}
		}
	}
	return named
}

// write puts heads, holds and transfers as they are now.
func (c *AccountChange) write(ctx context.Context, tx pgx.Tx, p Projection, members map[[16]byte]string) error {
	nameOf := func(account [16]byte) *string {
		if member, known := members[account]; known {
			return &member
		}
		return nil
	}
	var batch pgx.Batch
	for i := range c.Heads {
		head := &c.Heads[i]
		batch.Queue(`
			insert into view.points_heads (account, available, held) values ($1, $2, $3)
			on conflict (account) do update set available = excluded.available, held = excluded.held`,
			head.Account[:], head.Available, head.Held)
		batch.Queue(`delete from view.points_buckets where account = $1`, head.Account[:])
		for _, bucket := range head.Buckets {
			batch.Queue(`insert into view.points_buckets (account, loyalty_id, expiry_month, points) values ($1, $2, $3, $4)`,
				head.Account[:], nameOf(head.Account), int64(bucket.Month), bucket.Points)
		}
	}
	for i := range c.Holds {
		hold := &c.Holds[i]
		batch.Queue(`
			insert into view.holds (hold_id, account, loyalty_id, state, points, captured, given_back, expires_at, block, tx_id,
				recorded_at)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
			on conflict (hold_id) do update
			set state = excluded.state, captured = excluded.captured, given_back = excluded.given_back, block = excluded.block,
				tx_id = excluded.tx_id, recorded_at = excluded.recorded_at`,
			hold.ID, hold.Account[:], nameOf(hold.Account), hold.State, hold.Points, hold.Captured, hold.GivenBack,
			hold.ExpiresAt, int64(p.Block), c.TxID, c.RecordedAt)
	}
	for _, transfer := range c.Transfers {
		batch.Queue(`
			insert into view.transfers (transfer_id, from_account, to_account, points, block, tx_id, recorded_at)
			values ($1, $2, $3, $4, $5, $6, $7)`,
			transfer.ID, transfer.From[:], transfer.To[:], transfer.Points, int64(p.Block), c.TxID, c.RecordedAt)
	}
	if batch.Len() == 0 {
		return nil
	}
	return tx.SendBatch(ctx, &batch).Close()
}
