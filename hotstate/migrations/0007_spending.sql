-- +goose Up
-- Spending points: redemptions at the till, transfers between members, and tickets that undo or redeem.

-- What was asked for. Whether points are held, captured or gone is the ledger's word (view.holds, view.transfers); a row
-- here says only who asked, and why the ledger refused.
create table book.redemptions (
    redemption_id   uuid primary key,          -- also the hold's id on the ledger
    store_id        text not null references book.stores,
    loyalty_id      text,                      -- null: the member was forgotten
    points          bigint not null check (points > 0),
    currency_code   text not null,
    code_hash       bytea unique,              -- of the member code: each is good for one redemption. null: none was used
    refusal         text,                      -- why the ledger did not hold the points
    caller          text not null,
    idempotency_key uuid not null,
    body_hash       bytea not null,
    created_at      timestamptz not null default now(),
    unique (caller, idempotency_key)
);
create index redemptions_by_store on book.redemptions (store_id, created_at);
create index redemptions_by_member on book.redemptions (loyalty_id);

create table book.transfers (
    transfer_id     uuid primary key,          -- also its id on the ledger
    from_loyalty_id text,                      -- null: the member was forgotten
    to_loyalty_id   text,
    points          bigint not null check (points > 0),
    refusal         text,
    caller          text not null,
    idempotency_key uuid not null,
    body_hash       bytea not null,
    created_at      timestamptz not null default now(),
    unique (caller, idempotency_key)
);
create index transfers_by_giver on book.transfers (from_loyalty_id);
create index transfers_by_taker on book.transfers (to_loyalty_id);

-- What is to be done to accounts, in turn. Two transactions on one account's head cannot both be valid, so of each member
-- only the oldest order is worked on, by whichever collector takes it first. An order is deleted when it is done; its
-- subject's id makes it safe to do again.
create table book.spending_orders (
    order_id    bigint generated always as identity primary key,
    loyalty_id  text not null,                 -- whose head it touches
    action      text not null check (action in ('hold', 'capture', 'release', 'transfer', 'sweep')),
    subject     uuid not null,                 -- a redemption or a transfer; of a sweep the hold whose time is over
    attempts    int not null default 0,
    lease_until timestamptz not null default '-infinity',
    unique (subject, action)
);
create index spending_orders_in_turn on book.spending_orders (loyalty_id, order_id);

-- Tickets that undo others or redeem points read the ledger before they write it, and go there in small batches of their
-- own. Those they undo are named here, so that they can wait for them.
alter table book.tickets
    add column undoes  uuid[] not null default '{}',     -- transaction ids, of the same retailer
    add column redeems boolean not null default false,
    add column flags   text not null default '';         -- what the ledger had to say of it, see ledger.Flag
create index tickets_linked on book.tickets (id) where state = 'accepted' and batch_id is null and (undoes <> '{}' or redeems);

-- Undoes that wait for their original: a return that came before its sale.
create table book.waiting_undoes (
    ticket_key  bytea not null,
    retailer_id text not null,
    original    uuid not null,                 -- transaction id
    attempts    int not null default 0,
    next_at     timestamptz not null default now(),
    primary key (ticket_key, original)
);
create index waiting_undoes_by_original on book.waiting_undoes (original, retailer_id);

alter table book.redemptions     enable row level security, force row level security;
alter table book.transfers       enable row level security, force row level security;
alter table book.spending_orders enable row level security, force row level security;
alter table book.waiting_undoes  enable row level security, force row level security;
create policy collector on book.redemptions     to tillproof_collector using (true);
create policy collector on book.transfers       to tillproof_collector using (true);
create policy collector on book.spending_orders to tillproof_collector using (true);
create policy collector on book.waiting_undoes  to tillproof_collector using (true);
create policy owner on book.redemptions     to current_user using (true);
create policy owner on book.transfers       to current_user using (true);
create policy owner on book.spending_orders to current_user using (true);
create policy owner on book.waiting_undoes  to current_user using (true);
grant select, insert, update, delete on book.redemptions, book.transfers, book.spending_orders, book.waiting_undoes
    to tillproof_collector;

-- The view of accounts ------------------------------------------------------------------------------------------------
--
-- What a member can spend is what entries that are not folded come to, and what the head has; view.points_balances is
-- kept equal to it. Held points are in neither.

-- Whose account it is. The ledger does not say: the sealed bodies do, and for who never had a ticket the transfer.
create table view.points_members (
    account    bytea primary key,
    loyalty_id text not null
);

create table view.points_heads (
    account   bytea primary key,
    available bigint not null,      -- buckets less debt
    held      bigint not null
);

-- Points of heads by the month at whose end they expire, year × 12 + month − 1; 0: never.
create table view.points_buckets (
    account      bytea not null,
    loyalty_id   text,
    expiry_month int not null,
    points       bigint not null,
    primary key (account, expiry_month)
);
create index points_buckets_by_member on view.points_buckets (loyalty_id);

create table view.holds (
    hold_id     uuid primary key,
    account     bytea not null,
    loyalty_id  text,
    state       text not null,      -- held, captured, released, lapsed
    points      bigint not null,
    captured    bigint not null,
    given_back  bigint not null,
    expires_at  timestamptz not null,
    block       bigint not null,    -- of its last change
    tx_id       text not null,
    recorded_at timestamptz not null
);
create index holds_open on view.holds (expires_at) where state = 'held';
create index holds_by_member on view.holds (loyalty_id);

create table view.transfers (
    transfer_id  uuid primary key,
    from_account bytea not null,
    to_account   bytea not null,
    points       bigint not null,
    block        bigint not null,
    tx_id        text not null,
    recorded_at  timestamptz not null
);

alter table view.points_entries
    add column expiry_month int not null default 0,
    add column folded       boolean not null default false;   -- into the head, or never meant to be
create index points_entries_to_fold on view.points_entries (account, block, entry_id) where not folded and points > 0;

alter table view.points_balances add column held bigint not null default 0;

alter table view.points_members enable row level security, force row level security;
alter table view.points_heads   enable row level security, force row level security;
alter table view.points_buckets enable row level security, force row level security;
alter table view.holds          enable row level security, force row level security;
alter table view.transfers      enable row level security, force row level security;
create policy collector on view.points_members to tillproof_collector using (true);
create policy collector on view.points_heads   to tillproof_collector using (true);
create policy collector on view.points_buckets to tillproof_collector using (true);
create policy collector on view.holds          to tillproof_collector using (true);
create policy collector on view.transfers      to tillproof_collector using (true);
grant select, insert, update, delete, truncate on view.points_members, view.points_heads, view.points_buckets, view.holds,
    view.transfers to tillproof_collector;

create policy customer on view.points_buckets for select to tillproof_customer
    using (loyalty_id = nullif(current_setting('tillproof.loyalty_id', true), ''));
grant select (loyalty_id, expiry_month, points) on view.points_buckets to tillproof_customer;
grant select (expiry_month, folded) on view.points_entries to tillproof_customer;
grant select (held) on view.points_balances to tillproof_auditor, tillproof_admin;

-- What is in view already knows nothing of folding. It is derived: let the projector begin anew.
-- +goose StatementBegin
do $$
begin
    execute (select 'truncate ' || string_agg(format('view.%I', tablename), ', ') from pg_tables where schemaname = 'view');
end
$$;
-- +goose StatementEnd

-- +goose Down
alter table view.points_balances drop column held;
drop index view.points_entries_to_fold;
alter table view.points_entries drop column expiry_month, drop column folded;
drop table view.transfers, view.holds, view.points_buckets, view.points_heads, view.points_members;
drop index book.tickets_linked;
alter table book.tickets drop column undoes, drop column redeems, drop column flags;
drop table book.waiting_undoes, book.spending_orders, book.transfers, book.redemptions;
