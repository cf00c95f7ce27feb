-- +goose Up
-- The log's roots on Ethereum. What the contract holds is the truth; view.anchors repeats its events and can be dropped.

-- Which contract is ours on which chain. A chain is its id and its first block: development chains share an id.
-- The row comes before the contract: its address follows from the account and nonce of the transaction that makes it.
create table book.anchor_contracts (
    chain_id   bigint not null,
    genesis    bytea not null check (length(genesis) = 32),
    contract   bytea not null check (length(contract) = 20),
    from_block bigint not null,         -- it was not there before this block
    primary key (chain_id, genesis)
);

-- What was signed for Ethereum, written before it is sent: after a lost answer the same bytes are sent again. Of one
-- nonce the chain takes one transaction; the others are its replacements.
create table book.anchor_transactions (
    hash     bytea primary key check (length(hash) = 32),
    chain_id bigint not null,
    genesis  bytea not null,
    account  bytea not null check (length(account) = 20),
    nonce    bigint not null,
    raw      bytea not null,            -- the signed transaction, EIP-2718
    sent_at  timestamptz not null
);
create index on book.anchor_transactions (chain_id, genesis, account, nonce);

create table view.anchors (
    chain_id         bigint not null,
    contract         bytea not null check (length(contract) = 20),
    epoch            bigint not null,
    size             bigint not null,
    root             bytea not null check (length(root) = 32),
    previous_size    bigint not null,
    previous_root    bytea not null check (length(previous_root) = 32),
    transaction      bytea not null check (length(transaction) = 32),
    block            bigint not null,
    block_hash       bytea not null check (length(block_hash) = 32),
    at               timestamptz not null,      -- of the block
    final            boolean not null,          -- deep enough not to be reorganised away
    retail_signature bytea check (length(retail_signature) = 65),   -- null: it came through another contract
    brands_signature bytea check (length(brands_signature) = 65),
    primary key (chain_id, contract, size)
);
create index on view.anchors (size);

-- How far a contract's events are read for good. The block's hash tells whether it is still the same chain.
create table view.anchor_scans (
    chain_id   bigint not null,
    contract   bytea not null,
    block      bigint not null,
    block_hash bytea not null check (length(block_hash) = 32),
    primary key (chain_id, contract)
);

-- The anchor service is a login of its own, which sees nothing else: no ticket, no customer, no key.
-- +goose StatementBegin
do $$
begin
    if not exists (select from pg_roles where rolname = 'tillproof_anchor') then
        create role tillproof_anchor login;
    end if;
exception
    when duplicate_object or unique_violation then null;    -- another database of the cluster was quicker
end
$$;
-- +goose StatementEnd
grant usage on schema book, view to tillproof_anchor;
grant select, insert, update, delete on book.anchor_contracts, book.anchor_transactions, view.anchors, view.anchor_scans
    to tillproof_anchor;

alter table book.anchor_contracts    enable row level security, force row level security;
alter table book.anchor_transactions enable row level security, force row level security;
alter table view.anchors             enable row level security, force row level security;
alter table view.anchor_scans        enable row level security, force row level security;
create policy anchor on book.anchor_contracts    to tillproof_anchor using (true);
create policy anchor on book.anchor_transactions to tillproof_anchor using (true);
create policy anchor on view.anchors             to tillproof_anchor using (true);
create policy anchor on view.anchor_scans        to tillproof_anchor using (true);
create policy owner  on book.anchor_contracts    to current_user using (true);
create policy owner  on book.anchor_transactions to current_user using (true);

-- Anchors concern everyone and tell nothing about anybody.
create policy log on view.anchors for select to tillproof_log, tillproof_prover using (true);
grant select on view.anchors to tillproof_log, tillproof_prover;

-- +goose Down
-- The role stays: other databases of the cluster may use it.
drop table view.anchor_scans, view.anchors, book.anchor_transactions, book.anchor_contracts;
revoke usage on schema book, view from tillproof_anchor;
