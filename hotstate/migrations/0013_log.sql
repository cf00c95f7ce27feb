-- +goose Up
-- The append-only Merkle log of recorded tickets, and what proofs are made from.
--
-- The log and its checkpoint are written by the projector, in the commit of the block whose tickets they add. The log has
-- every recorded ticket, also one whose body nobody can read and which is therefore not in view.tickets.

-- Tiles of C2SP tlog-tiles: level 0 has the leaf hashes, 256 to a tile. The last tile of a level grows, a full one never
-- changes. Hashes do not compress: keep PostgreSQL from trying.
create table view.log_tiles (
    level  int not null,
    tile   bigint not null,
    hashes bytea not null check (length(hashes) % 32 = 0 and length(hashes) between 32 and 8192),
    primary key (level, tile)
);
alter table view.log_tiles alter column hashes set storage external;

create table view.log_entries (
    log_index  bigint primary key,
    ticket_key bytea not null unique,
    commitment bytea not null,
    block      bigint not null
);

-- The newest checkpoint, with the operator's signature. The key that signs is the collector's and is not in PostgreSQL:
-- who changes rows here cannot have them signed.
create table view.log_checkpoint (
    channel text primary key,
    size    bigint not null,
    signed  text not null
);

-- What opens a ticket's commitment beyond the trade part of view.tickets: the secret that salts are derived from, and the
-- hashes of the leaves that the trade part does not tell. person_secret goes when the member is forgotten.
create table view.openings (
    ticket_key    bytea primary key,
    trade_secret  bytea not null check (length(trade_secret) = 32),
    fixed_leaves  bytea not null check (length(fixed_leaves) = 256),
    person_leaves bytea not null check (length(person_leaves) % 32 = 0),
    person_secret bytea check (length(person_secret) = 32)
);

-- The newest checkpoint that the witness has cosigned. Not in view: its time is the witness's, and cannot be derived.
create table book.witnessed_checkpoint (
    channel text primary key,
    size    bigint not null,
    signed  text not null
);

-- Reading proofs ------------------------------------------------------------------------------------------------------
--
-- The log's hashes concern everyone and tell nothing about anybody; who has signed in as nobody reads them as
-- tillproof_log. Openings no API role reads. To make a proof, the query server first finds the ticket or the line as its
-- caller, under the policies of 0004, and then becomes tillproof_prover, which sees the one ticket whose key
-- tillproof.ticket_key holds: what is handed out of it is computed there.

-- +goose StatementBegin
do $$
declare
    needed text;
begin
    foreach needed in array array['tillproof_log', 'tillproof_prover'] loop
        begin
            if not exists (select from pg_roles where rolname = needed) then
                execute format('create role %I nologin', needed);
            end if;
        exception
            when duplicate_object or unique_violation then null;    -- another database of the cluster was quicker
        end;
        begin
            if not pg_has_role('tillproof_query', needed, 'member') then
                execute format('grant %I to tillproof_query', needed);
            end if;
        exception
            when unique_violation then null;
        end;
    end loop;
end
$$;
-- +goose StatementEnd
grant usage on schema view, book to tillproof_log, tillproof_prover;

alter table view.log_tiles            enable row level security, force row level security;
alter table view.log_entries          enable row level security, force row level security;
alter table view.log_checkpoint       enable row level security, force row level security;
alter table view.openings             enable row level security, force row level security;
alter table book.witnessed_checkpoint enable row level security, force row level security;

create policy collector on view.log_tiles            to tillproof_collector using (true);
create policy collector on view.log_entries          to tillproof_collector using (true);
create policy collector on view.log_checkpoint       to tillproof_collector using (true);
create policy collector on view.openings             to tillproof_collector using (true);
create policy collector on book.witnessed_checkpoint to tillproof_collector using (true);
create policy owner     on book.witnessed_checkpoint to current_user using (true);
grant select, insert, update, delete, truncate on view.log_tiles, view.log_entries, view.log_checkpoint, view.openings
    to tillproof_collector;
grant select, insert, update, delete on book.witnessed_checkpoint to tillproof_collector;

create policy log on view.log_tiles            for select to tillproof_log, tillproof_prover using (true);
create policy log on view.log_entries          for select to tillproof_log using (true);
create policy log on view.log_checkpoint       for select to tillproof_log, tillproof_prover using (true);
create policy log on book.witnessed_checkpoint for select to tillproof_log, tillproof_prover using (true);
grant select on view.log_tiles, view.log_checkpoint, book.witnessed_checkpoint to tillproof_log, tillproof_prover;
grant select on view.log_entries to tillproof_log;

create policy prover on view.tickets for select to tillproof_prover
    using (ticket_key = decode(nullif(current_setting('tillproof.ticket_key', true), ''), 'hex'));
create policy prover on view.log_entries for select to tillproof_prover
    using (ticket_key = decode(nullif(current_setting('tillproof.ticket_key', true), ''), 'hex'));
create policy prover on view.openings for select to tillproof_prover
    using (ticket_key = decode(nullif(current_setting('tillproof.ticket_key', true), ''), 'hex'));
grant select (ticket_key, retailer_id, trade, person) on view.tickets to tillproof_prover;
grant select on view.log_entries, view.openings to tillproof_prover;

-- What is in view already has no log. It is derived: let the projector begin anew.
-- +goose StatementBegin
do $$
begin
    execute (select 'truncate ' || string_agg(format('view.%I', tablename), ', ') from pg_tables where schemaname = 'view');
end
$$;
-- +goose StatementEnd

-- +goose Down
-- Roles stay: other databases of the cluster may use them.
drop policy prover on view.tickets;
revoke all on view.tickets from tillproof_prover;
drop table book.witnessed_checkpoint, view.openings, view.log_checkpoint, view.log_entries, view.log_tiles;
revoke usage on schema view, book from tillproof_log, tillproof_prover;
