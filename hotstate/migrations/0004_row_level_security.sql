-- +goose Up
-- Who reads which row, decided by the database itself: a query that forgets its condition still shows no foreign row.
--
-- The query server opens a transaction, takes the role of its caller and says in settings who that is (hotstate.As):
--
--   role                    setting                    holds
--   tillproof_customer      tillproof.loyalty_id       the member
--   tillproof_store         tillproof.store_ids        a text[] literal, so that an id may hold any character
--   tillproof_head_office   tillproof.retailer_id      a chain: all of its stores
--   tillproof_manufacturer  tillproof.manufacturer_id  the owner
--   tillproof_auditor       -                          sums and states, nothing about persons
--   tillproof_admin         -                          the same rows as the auditor
--
-- A setting that is missing or '' means nobody: nullif makes it null, and nothing equals null. This matters most for
-- manufacturer_id, where '' in a row means "nobody owns this product".
--
-- One equality a role and table, never a subquery: measured 20 to 40 times quicker. Which columns a role sees is a
-- matter of grants: where a column is not granted, asking for it is an error.

-- A chain's head office has a role of its own so that the store's policy stays a plain equality.
-- +goose StatementBegin
do $$
begin
    if not exists (select from pg_roles where rolname = 'tillproof_head_office') then
        create role tillproof_head_office nologin;
    end if;
exception
    when duplicate_object or unique_violation then null;    -- another database of the cluster was quicker
end
$$;
-- +goose StatementEnd
-- +goose StatementBegin
do $$
begin
    if not pg_has_role('tillproof_query', 'tillproof_head_office', 'member') then
        grant tillproof_head_office to tillproof_query;
    end if;
exception
    when unique_violation then null;
end
$$;
-- +goose StatementEnd
grant usage on schema book, view to tillproof_head_office;

alter table view.checkpoint         enable row level security, force row level security;
alter table view.transactions       enable row level security, force row level security;
alter table view.tickets            enable row level security, force row level security;
alter table view.lines              enable row level security, force row level security;
alter table view.sales_by_day       enable row level security, force row level security;
alter table view.sales_by_month     enable row level security, force row level security;
alter table view.sales_by_store_day enable row level security, force row level security;
alter table view.points_entries     enable row level security, force row level security;
alter table view.points_balances    enable row level security, force row level security;
alter table book.tickets            enable row level security, force row level security;
alter table book.refusals           enable row level security, force row level security;

-- The collector writes all of it.
create policy collector on view.checkpoint         to tillproof_collector using (true);
create policy collector on view.transactions       to tillproof_collector using (true);
create policy collector on view.tickets            to tillproof_collector using (true);
create policy collector on view.lines              to tillproof_collector using (true);
create policy collector on view.sales_by_day       to tillproof_collector using (true);
create policy collector on view.sales_by_month     to tillproof_collector using (true);
create policy collector on view.sales_by_store_day to tillproof_collector using (true);
create policy collector on view.points_entries     to tillproof_collector using (true);
create policy collector on view.points_balances    to tillproof_collector using (true);
create policy collector on book.tickets            to tillproof_collector using (true);
create policy collector on book.refusals           to tillproof_collector using (true);

-- book is backed up, by the owner of the tables, who need not be a superuser (pg_dump --enable-row-security).
create policy owner on book.tickets to current_user using (true);
create policy owner on book.refusals to current_user using (true);

-- How far the view has come concerns everyone and tells nothing about anybody.
create policy everyone on view.checkpoint for select to tillproof_customer, tillproof_store, tillproof_head_office,
    tillproof_manufacturer, tillproof_auditor, tillproof_admin using (true);
grant select on view.checkpoint to tillproof_customer, tillproof_store, tillproof_head_office,
    tillproof_manufacturer, tillproof_auditor, tillproof_admin;

-- Customers: their tickets, recorded or not yet, and their points ----------------------------------------------------

create policy customer on view.tickets for select to tillproof_customer
    using (loyalty_id = nullif(current_setting('tillproof.loyalty_id', true), ''));
create policy customer on book.tickets for select to tillproof_customer
    using (loyalty_id = nullif(current_setting('tillproof.loyalty_id', true), ''));
create policy customer on view.points_entries for select to tillproof_customer
    using (loyalty_id = nullif(current_setting('tillproof.loyalty_id', true), ''));
create policy customer on view.points_balances for select to tillproof_customer
    using (loyalty_id = nullif(current_setting('tillproof.loyalty_id', true), ''));

grant select on view.tickets to tillproof_customer;
grant select (retailer_id, transaction_id, store_id, workstation_id, business_day, sequence_number, loyalty_id,
    pending_points, state, received_at, body) on book.tickets to tillproof_customer;
grant select (entry_id, loyalty_id, kind, points, eligible_amount, currency_code, rule_version, ticket_key, business_day,
    block, tx_index, tx_id, recorded_at) on view.points_entries to tillproof_customer;    -- not the ledger's pseudonym
grant select on view.points_balances to tillproof_customer;

-- Stores and head offices: their tickets, with the reason of a refusal, and their sales -------------------------------

create policy store on view.tickets for select to tillproof_store
    using (store_id = any (nullif(current_setting('tillproof.store_ids', true), '')::text[]));
create policy store on book.tickets for select to tillproof_store
    using (store_id = any (nullif(current_setting('tillproof.store_ids', true), '')::text[]));
create policy store on view.sales_by_day for select to tillproof_store
    using (store_id = any (nullif(current_setting('tillproof.store_ids', true), '')::text[]));
create policy store on view.sales_by_store_day for select to tillproof_store
    using (store_id = any (nullif(current_setting('tillproof.store_ids', true), '')::text[]));

create policy head_office on view.tickets for select to tillproof_head_office
    using (retailer_id = nullif(current_setting('tillproof.retailer_id', true), ''));
create policy head_office on book.tickets for select to tillproof_head_office
    using (retailer_id = nullif(current_setting('tillproof.retailer_id', true), ''));
create policy head_office on view.sales_by_day for select to tillproof_head_office
    using (retailer_id = nullif(current_setting('tillproof.retailer_id', true), ''));
create policy head_office on view.sales_by_store_day for select to tillproof_head_office
    using (retailer_id = nullif(current_setting('tillproof.retailer_id', true), ''));

grant select on view.tickets to tillproof_store, tillproof_head_office;
grant select (retailer_id, transaction_id, store_id, workstation_id, business_day, sequence_number, pending_points, state,
    reason, received_at, body) on book.tickets to tillproof_store, tillproof_head_office;
grant select (retailer_id, item_id, store_id, day, currency_code, units_sold, units_returned, amount_sold, amount_returned,
    lines, tickets, changed_block) on view.sales_by_day to tillproof_store, tillproof_head_office;
grant select on view.sales_by_store_day to tillproof_store, tillproof_head_office;

-- Manufacturers: the lines and sums of their own products, and no ticket, store sum or person ------------------------

create policy manufacturer on view.lines for select to tillproof_manufacturer
    using (manufacturer_id = nullif(current_setting('tillproof.manufacturer_id', true), ''));
create policy manufacturer on view.sales_by_day for select to tillproof_manufacturer
    using (manufacturer_id = nullif(current_setting('tillproof.manufacturer_id', true), ''));
create policy manufacturer on view.sales_by_month for select to tillproof_manufacturer
    using (manufacturer_id = nullif(current_setting('tillproof.manufacturer_id', true), ''));

-- ticket_key is there to count tickets, each once. It is an HMAC: without the retailer's key it names no ticket.
grant select on view.lines, view.sales_by_day, view.sales_by_month to tillproof_manufacturer;

-- Auditors and administrators: every sum and every state, no person ---------------------------------------------------

create policy auditor on view.sales_by_day for select to tillproof_auditor, tillproof_admin using (true);
create policy auditor on view.sales_by_store_day for select to tillproof_auditor, tillproof_admin using (true);
create policy auditor on view.tickets for select to tillproof_auditor, tillproof_admin using (true);
create policy auditor on book.tickets for select to tillproof_auditor, tillproof_admin using (true);
create policy auditor on book.refusals for select to tillproof_auditor, tillproof_admin using (true);
create policy auditor on view.points_balances for select to tillproof_auditor, tillproof_admin using (true);

grant select on view.sales_by_day, view.sales_by_store_day to tillproof_auditor, tillproof_admin;
grant select (ticket_key) on view.tickets to tillproof_auditor, tillproof_admin;
grant select (ticket_key, state, reason) on book.tickets to tillproof_auditor, tillproof_admin;
grant select (reason) on book.refusals to tillproof_auditor, tillproof_admin;
grant select (available) on view.points_balances to tillproof_auditor, tillproof_admin;

-- +goose Down
-- Roles stay: other databases of the cluster may use them.
revoke all on all tables in schema view, book from tillproof_customer, tillproof_store, tillproof_head_office,
    tillproof_manufacturer, tillproof_auditor, tillproof_admin;
revoke usage on schema book, view from tillproof_head_office;
drop policy auditor on view.points_balances;
drop policy auditor on book.refusals;
drop policy auditor on book.tickets;
drop policy auditor on view.tickets;
drop policy auditor on view.sales_by_store_day;
drop policy auditor on view.sales_by_day;
drop policy manufacturer on view.sales_by_month;
drop policy manufacturer on view.sales_by_day;
drop policy manufacturer on view.lines;
drop policy head_office on view.sales_by_store_day;
drop policy head_office on view.sales_by_day;
drop policy head_office on book.tickets;
drop policy head_office on view.tickets;
drop policy store on view.sales_by_store_day;
drop policy store on view.sales_by_day;
drop policy store on book.tickets;
drop policy store on view.tickets;
drop policy customer on view.points_balances;
drop policy customer on view.points_entries;
drop policy customer on book.tickets;
drop policy customer on view.tickets;
drop policy everyone on view.checkpoint;
drop policy owner on book.refusals;
drop policy owner on book.tickets;
drop policy collector on book.refusals;
drop policy collector on book.tickets;
drop policy collector on view.points_balances;
drop policy collector on view.points_entries;
drop policy collector on view.sales_by_store_day;
drop policy collector on view.sales_by_month;
drop policy collector on view.sales_by_day;
drop policy collector on view.lines;
drop policy collector on view.tickets;
drop policy collector on view.transactions;
drop policy collector on view.checkpoint;
alter table book.refusals           no force row level security, disable row level security;
alter table book.tickets            no force row level security, disable row level security;
alter table view.points_balances    no force row level security, disable row level security;
alter table view.points_entries     no force row level security, disable row level security;
alter table view.sales_by_store_day no force row level security, disable row level security;
alter table view.sales_by_month     no force row level security, disable row level security;
alter table view.sales_by_day       no force row level security, disable row level security;
alter table view.lines              no force row level security, disable row level security;
alter table view.tickets            no force row level security, disable row level security;
alter table view.transactions       no force row level security, disable row level security;
alter table view.checkpoint         no force row level security, disable row level security;
