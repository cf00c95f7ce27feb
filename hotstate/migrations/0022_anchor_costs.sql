-- +goose Up
-- What anchors cost. One row a transaction of ours that was to anchor, whether it did or was refused, and one for each of
-- another's whose event is in view.anchors. A nonce is used once: after a reorganisation its row is written over.
create table view.anchor_costs (
    chain_id    bigint not null,
    payer       bytea not null check (length(payer) = 20),
    nonce       bigint not null,
    transaction bytea not null check (length(transaction) = 32),
    block_hash  bytea not null check (length(block_hash) = 32),
    at          timestamptz not null,           -- of the block
    gas_used    bigint not null,
    wei         numeric(78) not null,           -- gas used, at the price that was paid
    primary key (chain_id, payer, nonce)
);
create index on view.anchor_costs (chain_id, transaction);
create index on view.anchor_costs (chain_id, payer, at);

-- What was decided about the day's budget, and by which rate. A wait is one row, which is brought up to date while it lasts.
create table book.anchor_decisions (
    id              bigint generated always as identity primary key,
    at              timestamptz not null default clock_timestamp(),     -- of the newest look, by the database's clock
    chain_id        bigint not null,
    size            bigint not null,            -- of the log that was to be anchored
    day             date not null,              -- UTC, by the chain's newest block
    allowed         boolean not null,
    spent_wei       numeric(78) not null,       -- on that day
    most_wei        numeric(78) not null,       -- that the anchor may cost
    budget_minor    bigint not null,            -- in the currency's minor unit
    budget_currency text not null,
    budget_wei      numeric(78) not null,
    rate_billionths bigint not null,            -- what one ether is worth in the currency
    rate_tier       text not null,              -- live, cached or fixed
    rate_source     text not null,
    rate_at         timestamptz not null
);

grant select, insert, update, delete on view.anchor_costs, book.anchor_decisions to tillproof_anchor;
grant select on view.anchor_costs to tillproof_log;
alter table view.anchor_costs     enable row level security, force row level security;
alter table book.anchor_decisions enable row level security, force row level security;
create policy anchor on view.anchor_costs     to tillproof_anchor using (true);
create policy log    on view.anchor_costs     for select to tillproof_log using (true);
create policy anchor on book.anchor_decisions to tillproof_anchor using (true);
create policy owner  on book.anchor_decisions to current_user using (true);

-- +goose Down
drop table book.anchor_decisions, view.anchor_costs;
