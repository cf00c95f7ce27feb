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
    trade           bytea not null,    -- the canonical ticket without loyaltyId, operatorId and references of tenders
    person          bytea,             -- {"loyaltyId","operatorId","tenderReferences":[… or null]}; gone after erasure
    block           bigint not null,
    tx_index        int not null,
    tx_id           text not null,
    recorded_at     timestamptz not null
);
-- Not unique: that a retailer uses a transaction id once is the collector's to see to, and the ledger does not know it.
-- Were book restored from an old backup, two records could share one, and the projector must go on.
create index tickets_by_transaction on view.tickets (transaction_id, retailer_id);
-- Lists are read newest trading day first, and within it by the till's own number.
create index tickets_by_member on view.tickets (loyalty_id, business_day, sequence_number) where loyalty_id is not null;
create index tickets_by_store on view.tickets (store_id, business_day, sequence_number);
create index tickets_by_retailer on view.tickets (retailer_id, business_day, sequence_number);

-- Lines of sales and returns, each with its owner on the ticket's business day ('' where nobody owns the product).
-- That ticket_key is one of view.tickets is not declared: one program writes both in one commit, and to look each line's
-- ticket up would take a third of the time that lines take.
create table view.lines (
    ticket_key      bytea not null,
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

-- The roll-ups. Their sums are numeric: a thousand lines at the largest amount a ticket may hold pass 64 bits, and
-- one such ticket must not stop the projector.

-- A cell is one product of one owner in one store on one day, so its count of tickets adds up over stores, days and
-- currencies, but not over products.
create table view.sales_by_day (
    manufacturer_id text not null,
    retailer_id     text not null,
    item_id         text not null,
    store_id        text not null,
    day             date not null,
    currency_code   text not null,
    units_sold      numeric not null,
    units_returned  numeric not null,      -- as a positive number
    amount_sold     numeric not null,
    amount_returned numeric not null,      -- as a positive number
    lines           bigint not null,
    tickets         bigint not null,
    changed_block   bigint not null,
    primary key (manufacturer_id, day, retailer_id, item_id, store_id, currency_code)
);
create index sales_by_day_store on view.sales_by_day (store_id, day);
create index sales_by_day_retailer on view.sales_by_day (retailer_id, day);

-- What one owner sold in one store in one month: its own count of distinct tickets, which adds up over stores and months.
create table view.sales_by_month (
    manufacturer_id text not null,
    store_id        text not null,
    month           date not null,         -- its first day
    currency_code   text not null,
    units_sold      numeric not null,
    units_returned  numeric not null,
    amount_sold     numeric not null,
    amount_returned numeric not null,
    lines           bigint not null,
    tickets         bigint not null,
    changed_block   bigint not null,
    primary key (manufacturer_id, month, store_id, currency_code)
);

-- What one store sold on one day, whoever owns the products: a ticket counts once. For stores, auditors and
-- administrators; it has no owner, so no manufacturer reads it.
create table view.sales_by_store_day (
    retailer_id     text not null,
    store_id        text not null,
    day             date not null,
    currency_code   text not null,
    units_sold      numeric not null,
    units_returned  numeric not null,
    amount_sold     numeric not null,
    amount_returned numeric not null,
    lines           bigint not null,
    tickets         bigint not null,
    changed_block   bigint not null,
    primary key (store_id, day, retailer_id, currency_code)
);
create index sales_by_store_day_retailer on view.sales_by_store_day (retailer_id, day);

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
create index points_entries_by_member on view.points_entries (loyalty_id, block, tx_index, business_day, entry_id);

create table view.points_balances (
    loyalty_id text primary key,
    available  bigint not null
);

grant select, insert, update, delete, truncate on all tables in schema view to tillproof_collector;

-- +goose Down
drop table view.points_balances, view.points_entries, view.sales_by_store_day, view.sales_by_month, view.sales_by_day,
    view.lines, view.tickets, view.transactions, view.checkpoint;
