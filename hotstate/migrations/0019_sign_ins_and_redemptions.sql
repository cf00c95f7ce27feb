-- +goose Up
-- What several query servers must count together, and what a till redeemed.

-- Failed sign-ins, counted in windows: of a user at an address, of a user, of an address. A counter is named by a keyed hash
-- of what it counts, so that no address is kept. Not logged: a crash forgives what was wrong in the last minutes.
create unlogged table book.sign_in_attempts (
    counter  bytea primary key check (length(counter) = 32),
    attempts int not null,
    ends_at  timestamptz not null
);
create index sign_in_attempts_by_end on book.sign_in_attempts (ends_at);
grant select, insert, update, delete on book.sign_in_attempts to tillproof_sessions;

-- Points that members paid with, by store, till and trading day: each hold that was captured. One that a ticket captured is
-- its till's and day's; of one that the store captured by itself no till is known ('') and the day is the store's own.
create table view.redemptions (
    hold_id        uuid primary key,
    retailer_id    text not null,
    store_id       text not null,
    workstation_id text not null,
    business_day   date not null,
    points         bigint not null,
    block          bigint not null
);
create index redemptions_by_store on view.redemptions (store_id, business_day);

alter table view.redemptions enable row level security, force row level security;
create policy collector on view.redemptions to tillproof_collector using (true);
create policy store on view.redemptions for select to tillproof_store
    using (store_id = any (nullif(current_setting('tillproof.store_ids', true), '')::text[]));
create policy head_office on view.redemptions for select to tillproof_head_office
    using (retailer_id = nullif(current_setting('tillproof.retailer_id', true), ''));
create policy admin on view.redemptions for select to tillproof_admin using (true);
grant select, insert, update, delete, truncate on view.redemptions to tillproof_collector;
grant select (retailer_id, store_id, workstation_id, business_day, points) on view.redemptions
    to tillproof_store, tillproof_head_office, tillproof_admin;

-- What is in view already knows nothing of them. It is derived: let the projector begin anew.
-- +goose StatementBegin
do $$
begin
    execute (
        select 'truncate ' || string_agg(format('view.%I', c.relname), ', ')
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'view' and c.relkind = 'r' and has_table_privilege('tillproof_collector', c.oid, 'truncate'));
end
$$;
-- +goose StatementEnd

-- +goose Down
drop table view.redemptions;
drop table book.sign_in_attempts;
