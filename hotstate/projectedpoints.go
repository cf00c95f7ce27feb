package hotstate

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// insertMembers notes whose accounts are: those of tickets from their bodies, and those of transfers from what was asked for,
// since a member may have points from another one and not yet a ticket.
func insertMembers(ctx context.Context, tx pgx.Tx, p Projection) error {
	var accounts, transfers [][]byte
	var members []string
	for account, member := range p.Members {
		accounts, members = append(accounts, account[:]), append(members, member)
	}
	for i := range p.Accounts {
		for _, transfer := range p.Accounts[i].Transfers {
			transfers = append(transfers, transfer.ID[:])
		}
	}
	if len(accounts)+len(transfers) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `
		insert into view.points_members (account, loyalty_id)
		select account, loyalty_id from unnest($1::bytea[], $2::text[]) as told (account, loyalty_id)
		union
		select t.account, b.loyalty_id
		from unnest($3::bytea[], $4::bytea[]) as t (transfer, account)
		join lateral (
			select to_loyalty_id as loyalty_id from book.transfers
			where transfer_id = encode(t.transfer, 'hex')::uuid and to_loyalty_id is not null) b on true
		on conflict (account) do nothing`, accounts, members, transfers, takers(p))
	if err != nil {
		return fmt.Errorf("note members: %w", err)
	}
	return nil
}

// takers gives the accounts that transfers went to.
func takers(p Projection) (accounts [][]byte) {
	for i := range p.Accounts {
		for _, transfer := range p.Accounts[i].Transfers {
			accounts = append(accounts, transfer.To[:])
		}
	}
	return accounts
}

// membersOf tells whose accounts are, as far as it is known.
func membersOf(ctx context.Context, tx pgx.Tx, accounts [][]byte) (map[[16]byte]string, error) {
	members := make(map[[16]byte]string, len(accounts))
	if len(accounts) == 0 {
		return members, nil
	}
	rows, err := tx.Query(ctx, `select account, loyalty_id from view.points_members where account = any ($1)`, accounts)
	if err != nil {
		return nil, err
	}
	var account []byte
	var member string
	_, err = pgx.ForEachRow(rows, []any{&account, &member}, func() error {
		members[[16]byte(account)] = member
		return nil
	})
	return members, err
}

// insertEntries writes a block's movements of points and brings the balances forward.
func insertEntries(ctx context.Context, tx pgx.Tx, p Projection) error {
	if len(p.Entries) == 0 {
		return nil
	}
	if err := nameMembers(ctx, tx, p.Entries); err != nil {
		return fmt.Errorf("name the members of points entries: %w", err)
	}
	if err := copyEntries(ctx, tx, p, p.Entries, false); err != nil {
		return fmt.Errorf("insert points entries: %w", err)
	}
	moved := make(map[string]balance)
	for i := range p.Entries {
		if member := p.Entries[i].LoyaltyID; member != nil {
			b := moved[*member]
			b.available += p.Entries[i].Points
			moved[*member] = b
		}
	}
	return moveBalances(ctx, tx, moved)
}

// nameMembers finds the members of entries that no ticket of the block names: undoes and transfers are on another's account.
func nameMembers(ctx context.Context, tx pgx.Tx, entries []ProjectedEntry) error {
	var unnamed [][]byte
	for i := range entries {
		if entries[i].LoyaltyID == nil {
			unnamed = append(unnamed, entries[i].Account[:])
		}
	}
	members, err := membersOf(ctx, tx, unnamed)
	if err != nil {
		return err
	}
	for i := range entries {
		if member, known := members[entries[i].Account]; known && entries[i].LoyaltyID == nil {
			entries[i].LoyaltyID = &member
		}
	}
	return nil
}

// copyEntries may be called more than once in a block: what was staged must not come again. To delete it costs less than to
// make the table anew, and with it every plan that names it.
func copyEntries(ctx context.Context, tx pgx.Tx, p Projection, entries []ProjectedEntry, folded bool) error {
	if len(entries) == 0 {
		return nil
	}
	err := copyRows(ctx, tx, "points_entries",
		[]string{"entry_id", "account", "loyalty_id", "kind", "points", "eligible_amount", "currency_code", "rule_version",
			"ticket_key", "business_day", "expiry_month", "folded", "conversion",
			"conversion_source", "block", "tx_index", "tx_id", "recorded_at"},
		pgx.CopyFromSlice(len(entries), func(i int) ([]any, error) {
			e := &entries[i]
			day, err := time.Parse(time.DateOnly, e.BusinessDay)
			var ticket []byte
			if e.TicketKey != nil {
				ticket = e.TicketKey[:]
			}
			return []any{e.ID[:], e.Account[:], e.LoyaltyID, e.Kind, e.Points, e.EligibleAmount, e.CurrencyCode,
				int64(e.RuleVersion), ticket, day, int64(e.ExpiryMonth), folded, e.Conversion,
				e.Source, int64(p.Block), e.TxIndex, e.TxID, e.RecordedAt}, err
		}))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `delete from pg_temp.new_points_entries`)
	return err
}

// A balance is what a member can spend, and what is held.
type balance struct{ available, held int64 }

func moveBalances(ctx context.Context, tx pgx.Tx, moved map[string]balance) error {
	if len(moved) == 0 {
		return nil
	}
	var members []string
	var available, held []int64
	for member, by := range moved {
		members, available, held = append(members, member), append(available, by.available), append(held, by.held)
	}
	_, err := tx.Exec(ctx, `
		insert into view.points_balances as b (loyalty_id, available, held)
		select * from unnest($1::text[], $2::bigint[], $3::bigint[])
		on conflict (loyalty_id) do update
		set available = b.available + excluded.available, held = b.held + excluded.held`, members, available, held)
	if err != nil {
		return fmt.Errorf("bring balances forward: %w", err)
	}
	return nil
}
