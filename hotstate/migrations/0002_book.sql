-- +goose Up
-- book: what only we hold. Backed up. Nothing here can be made again from the ledger.

-- Registrations ---------------------------------------------------------------------------------------------------

-- A store's retailer never changes: the ledger keys of its tickets were made with it.
create table book.stores (
    store_id      text primary key,
    name          text not null,
    retailer_id   text not null default 'main',
    time_zone     text not null default 'UTC',
    currency_code text,
    registered_at timestamptz not null default now()
);

create table book.manufacturers (
    manufacturer_id text primary key,
    name            text not null,
    registered_at   timestamptz not null default now()
);

-- A GS1 company prefix belongs to one manufacturer; a longer one inside it may belong to another, and wins.
create table book.manufacturer_prefixes (
    prefix          text primary key check (prefix ~ '^[0-9]{4,12}$'),
    manufacturer_id text not null references book.manufacturers
);
create index manufacturer_prefixes_by_holder on book.manufacturer_prefixes (manufacturer_id);

create table book.products (
    retailer_id   text not null default 'main',
    item_id       text not null,
    description   text,
    gtin          text check (gtin ~ '^[0-9]{14}$'),
    registered_at timestamptz not null default now(),
    primary key (retailer_id, item_id)
);

-- Explicit ownership, from a business day on until the next row's. It wins over the prefix of a GTIN.
-- manufacturer_id '' ends an explicit ownership from that day.
create table book.product_owners (
    retailer_id     text not null,
    item_id         text not null,
    owned_from      date not null default '0001-01-01',
    manufacturer_id text not null,
    primary key (retailer_id, item_id, owned_from),
    foreign key (retailer_id, item_id) references book.products
);

create table book.customers (
    loyalty_id    text primary key,
    name          text,
    registered_at timestamptz not null default now()
);

-- What a registration changed, for the projector to restate the sales already in view. A queue, not a log: the
-- projector deletes what it has restated. (Ids become visible out of order, so that a "read up to here" would skip some.)
create table book.ownership_changes (
    id          bigint generated always as identity primary key,
    retailer_id text,          -- null: a prefix changed, every retailer is concerned
    item_id     text,          -- null: see prefix
    prefix      text
);

-- Users and credentials -------------------------------------------------------------------------------------------

create table book.users (
    username        text primary key,
    role            text not null check (role in ('customer', 'store', 'manufacturer', 'auditor', 'admin')),
    password_hash   text not null,   -- argon2id, PHC string
    store_ids       text[] not null default '{}',
    retailer_id     text,            -- a chain's head office: every store of this retailer
    manufacturer_id text,
    loyalty_id      text,
    changed_at      timestamptz not null default now()
);

-- Bearer keys of tills. The key itself is shown once; only its SHA-256 stays (it has 256 random bits).
create table book.till_keys (
    key_id     uuid primary key default gen_random_uuid(),
    store_id   text not null references book.stores,
    key_hash   bytea not null unique check (length(key_hash) = 32),
    created_at timestamptz not null default now(),
    revoked_at timestamptz
);
create index till_keys_by_store on book.till_keys (store_id);

-- Tickets ---------------------------------------------------------------------------------------------------------

-- One ledger transaction with up to some hundred tickets. The signed envelope is stored before it is submitted, so
-- that an unclear outcome is resolved by submitting the very same envelope again.
create table book.batches (
    batch_id    bigint generated always as identity primary key,
    tx_id       text,
    envelope    bytea,
    state       text not null default 'claimed' check (state in ('claimed', 'endorsed', 'committed', 'failed')),
    attempts    int not null default 0,
    lease_until timestamptz not null,       -- past it, another recorder may take the batch over
    created_at  timestamptz not null default now(),
    endorsed_at timestamptz,
    detail      text
);
create index batches_open on book.batches (lease_until) where state in ('claimed', 'endorsed');

create table book.tickets (
    id              bigint generated always as identity primary key,    -- order of acceptance
    retailer_id     text not null,
    transaction_id  uuid not null,
    store_id        text not null,
    workstation_id  text not null,
    business_day    date not null,
    sequence_number bigint not null,
    ticket_key      bytea not null unique check (length(ticket_key) = 32),   -- its key on the ledger
    content_mac     bytea not null,     -- HMAC of the canonical bytes: the same content is a duplicate, other content a conflict
    loyalty_id      text,
    pending_points  bigint not null default 0,    -- as foretold when it was accepted; they count while it is accepted
    state           text not null default 'accepted' check (state in ('accepted', 'recorded', 'rejected')),
    reason          text,
    received_at     timestamptz not null,
    seed            bytea check (length(seed) = 32),    -- the root of every salt; gone once recorded
    body            bytea,                              -- canonical bytes; gone once recorded
    batch_id        bigint references book.batches,
    block           bigint,
    tx_id           text,
    unique (transaction_id, retailer_id),
    unique (store_id, workstation_id, business_day, sequence_number),
    check (state <> 'accepted' or (seed is not null and body is not null))
);
create index tickets_to_record on book.tickets (id) where state = 'accepted' and batch_id is null;
create index tickets_by_batch on book.tickets (batch_id) where state = 'accepted';
create index tickets_pending on book.tickets (loyalty_id) where state = 'accepted' and loyalty_id is not null;

-- Rejected tickets whose transaction id or sequence number was used again by a mended one, which took their place
-- above. Kept, without the body, so that a refusal can always be accounted for.
create table book.refusals (
    retailer_id     text not null,
    transaction_id  uuid not null,
    store_id        text not null,
    workstation_id  text not null,
    business_day    date not null,
    sequence_number bigint not null,
    content_mac     bytea not null,
    reason          text,
    received_at     timestamptz not null,
    replaced_at     timestamptz not null default now()
);
create index refusals_by_store on book.refusals (store_id, business_day);

-- The answer given under an idempotency key, for 24 hours. Written in the same commit as what it answers for, so a key
-- never blocks a request that was not executed.
create table book.idempotency_keys (
    caller     text not null,
    method     text not null,
    path       text not null,
    key        uuid not null,
    body_hash  bytea not null,     -- keyed: what was asked cannot be guessed from it
    status     int not null,
    headers    jsonb not null default '{}',
    response   bytea not null,
    created_at timestamptz not null default now(),
    primary key (caller, method, path, key)
);
create index idempotency_keys_age on book.idempotency_keys (created_at);

grant select, insert, update, delete on all tables in schema book to tillproof_collector;
grant usage on all sequences in schema book to tillproof_collector;
grant select on book.users to tillproof_sessions;

-- +goose Down
drop table book.idempotency_keys, book.refusals, book.tickets, book.batches, book.till_keys, book.users, book.ownership_changes,
    book.customers, book.product_owners, book.products, book.manufacturer_prefixes, book.manufacturers, book.stores;
