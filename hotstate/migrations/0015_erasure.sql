-- +goose Up
-- Erasure of members, and the conversions of points entries.

-- A member who is being forgotten, or was. Who it was stands here until it is done; then only the keyed hash of the loyalty
-- id is left, by which the same request is known again if somebody makes it, and which tells nobody else anything.
create table book.erasures (
    erasure_id   uuid primary key default gen_random_uuid(),
    member_index text not null,
    loyalty_id   text,
    account      bytea,                  -- pseudonym on the ledger; null: there is none, or it is forgotten
    key_id       text,
    up_to        bigint not null,        -- book.tickets.id: what was accepted later is another member's, with the same loyalty id
    state        text not null default 'running' check (state in ('running', 'cleared', 'done')),
    step         text not null default '',   -- what it is at, or waits for, in words
    tickets      bigint not null default 0,
    emptied      bigint not null default 0,  -- of these: the ledger's body has no person part any more
    closed_block bigint,                 -- the account is marked as forgotten; the view must come past this block
    attempts     int not null default 0,
    lease_until  timestamptz not null default '-infinity',
    requested_at timestamptz not null default now(),
    finished_at  timestamptz,
    check (state <> 'running' or loyalty_id is not null),
    check (state = 'running' or (loyalty_id is null and account is null and key_id is null))
);
create unique index erasures_running on book.erasures (member_index) where state <> 'done';
create index erasures_by_member on book.erasures (member_index, requested_at);
create index erasures_by_time on book.erasures (requested_at, erasure_id);

-- The member's recorded tickets, gone with the end of the erasure: what joins them is what is to be forgotten.
create table book.erasure_tickets (
    erasure_id uuid not null references book.erasures,
    ticket_key bytea not null,
    emptied    boolean not null default false,
    primary key (erasure_id, ticket_key)
);

alter table book.erasures        enable row level security, force row level security;
alter table book.erasure_tickets enable row level security, force row level security;
create policy collector on book.erasures        to tillproof_collector using (true);
create policy collector on book.erasure_tickets to tillproof_collector using (true);
create policy owner on book.erasures        to current_user using (true);
create policy owner on book.erasure_tickets to current_user using (true);
grant select, insert, update, delete on book.erasures, book.erasure_tickets to tillproof_collector;

-- A ticket of an erased member is known again by what is left of it: content_mac is then that of the trade part.
alter table book.tickets add column erased boolean not null default false;

-- At which rate a ticket's amount was counted in the programme's currency, and whose rate that was (package rates).
alter table view.points_entries
    add column conversion        bigint not null default 0,    -- billionths of the programme's minor unit for one of the ticket's; 0: none
    add column conversion_source text not null default '';
grant select (conversion, conversion_source) on view.points_entries to tillproof_customer;

-- Lines of the statement that undo are joined to their tickets now. What is in view already is derived: let the projector
-- begin anew.
-- +goose StatementBegin
do $$
begin
    execute (select 'truncate ' || string_agg(format('view.%I', tablename), ', ') from pg_tables
             where schemaname = 'view' and tablename not like 'anchor%');
end
$$;
-- +goose StatementEnd

-- +goose Down
revoke select (conversion, conversion_source) on view.points_entries from tillproof_customer;
alter table view.points_entries drop column conversion, drop column conversion_source;
alter table book.tickets drop column erased;
drop table book.erasure_tickets, book.erasures;
