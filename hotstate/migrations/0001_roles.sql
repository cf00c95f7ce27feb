-- +goose Up
-- Roles belong to the whole PostgreSQL cluster, which several Tillproof databases may share: create only what is missing.
--
-- tillproof_collector   logs in; writes book and view (it holds the recorder and the projector).
-- tillproof_query       logs in; can do nothing by itself. NOINHERIT: a query that forgot to set a role reads nothing.
-- tillproof_<api role>  what the query server becomes for one transaction (SET LOCAL ROLE), by the verified token.
-- tillproof_sessions    the same, for signing in: reads users, and nothing else.

-- +goose StatementBegin
do $$
declare
    api_role text;
begin
    if not exists (select from pg_roles where rolname = 'tillproof_collector') then
        create role tillproof_collector login;
    end if;
    if not exists (select from pg_roles where rolname = 'tillproof_query') then
        create role tillproof_query login noinherit;
    end if;
    foreach api_role in array array['customer', 'store', 'manufacturer', 'auditor', 'admin', 'sessions'] loop
        if not exists (select from pg_roles where rolname = 'tillproof_' || api_role) then
            execute format('create role %I nologin', 'tillproof_' || api_role);
        end if;
        execute format('grant %I to tillproof_query', 'tillproof_' || api_role);
    end loop;
end
$$;
-- +goose StatementEnd

create schema book;
create schema view;
grant usage on schema book, view to tillproof_collector,
    tillproof_customer, tillproof_store, tillproof_manufacturer, tillproof_auditor, tillproof_admin, tillproof_sessions;

-- +goose Down
drop schema view;
drop schema book;
