-- +goose Up
-- view: derived from the ledger, the sealed bodies, the keys and the registrations. Drop it, replay, and the rows are
-- the same. Only the projector writes here, and each block's rows commit together with the checkpoint.

create table view.checkpoint (
    channel    text primary key,
    next_block bigint not null,
    as_of      timestamptz          -- time of the newest transaction seen
);

-- Every transaction of every block, the invalid ones too. A resubmitted envelope appears twice: hence (block, index).
create table view.transactions (
    block           bigint not null,
    tx_index        int not null,
    tx_id           text not null,
    validation_code text not null,
    at              timestamptz,
    primary key (block, tx_index)
);

create table view.tickets (
    ticket_key      bytea primary key,
    retailer_id     text not null,
    transaction_id  uuid not null,
    transaction_type text not null,
    store_id        text not null,
    workstation_id  text not null,
    business_day    date not null,
    sequence_number bigint not null,
    ended_at        timestamptz not null,
    currency_code   text not null,
    grand_total     bigint not null,
    loyalty_id      text,
    points          bigint not null default 0,
    commitment      bytea not null,
    rule_version    int not null,
    trade           bytea not null,    -- the ticket's JSON without member, operator and tender references
    person          bytea,             -- the rest; gone after erasure
    block           bigint not null,
    tx_index        int not null,
    tx_id           text not null,
    recorded_at     timestamptz not null,
    unique (retailer_id, transaction_id)
);
create index tickets_by_member on view.tickets (loyalty_id, ended_at) where loyalty_id is not null;
create index tickets_by_store on view.tickets (store_id, ended_at);

-- Lines of sales and returns, each with its owner on the ticket's business day ('' where nobody owns the product).
create table view.lines (
    ticket_key      bytea not null references view.tickets,
    line_number     bigint not null,
    retailer_id     text not null,
    manufacturer_id text not null,
    item_id         text not null,
    gtin            text,
    store_id        text not null,
    business_day    date not null,
    currency_code   text not null,
    quantity        numeric(15, 3) not null,
    amount          bigint not null,
    block           bigint not null,
    primary key (ticket_key, line_number)
);
create index lines_by_owner on view.lines (manufacturer_id, business_day);
create index lines_by_store on view.lines (store_id, business_day);
create index lines_by_item on view.lines (retailer_id, item_id);

create table view.sales_by_day (
    manufacturer_id text not null,
    retailer_id     text not null,
    item_id         text not null,
    store_id        text not null,
    day             date not null,
    currency_code   text not null,
    units_sold      numeric not null,
    units_returned  numeric not null,      -- as a positive number
    amount_sold     bigint not null,
    amount_returned bigint not null,       -- as a positive number
    lines           bigint not null,
    tickets         bigint not null,
    changed_block   bigint not null,
    primary key (manufacturer_id, day, retailer_id, item_id, store_id, currency_code)
);
create index sales_by_day_store on view.sales_by_day (store_id, day);

-- Tickets are counted once per cell, and such counts do not add up over products: hence a table of its own.
create table view.sales_by_month (
    manufacturer_id text not null,
    store_id        text not null,
    month           date not null,         -- its first day
    currency_code   text not null,
    units_sold      numeric not null,
    units_returned  numeric not null,
    amount_sold     bigint not null,
    amount_returned bigint not null,
    lines           bigint not null,
    tickets         bigint not null,
    changed_block   bigint not null,
    primary key (manufacturer_id, month, store_id, currency_code)
);

-- Credits and debits as the ledger has them. A credit's id is blind: only our keys join it to its ticket.
create table view.points_entries (
    entry_id       bytea primary key,
    account        bytea not null,
    loyalty_id     text,
    kind           text not null,
    points         bigint not null,        -- negative: taken away
    eligible_amount bigint not null,
    currency_code  text not null,
    rule_version   int not null,
    ticket_key     bytea,
    business_day   date not null,
    block          bigint not null,
    tx_index       int not null,
    tx_id          text not null,
    recorded_at    timestamptz not null
);
create index points_entries_by_member on view.points_entries (loyalty_id, block, tx_index, entry_id);

create table view.points_balances (
    loyalty_id text primary key,
    available  bigint not null
);

grant select, insert, update, delete, truncate on all tables in schema view to tillproof_collector;

-- +goose Down
drop table view.points_balances, view.points_entries, view.sales_by_month, view.sales_by_day, view.lines, view.tickets,
    view.transactions, view.checkpoint;
