-- +goose Up
-- Roles belong to the whole PostgreSQL cluster, which several Tillproof databases may share: create only what is missing.
--
-- tillproof_collector   logs in; writes book and view (it holds the recorder and the projector).
-- tillproof_query       logs in; can do nothing by itself. NOINHERIT: a query that forgot to set a role reads nothing.
-- tillproof_<api role>  what the query server becomes for one transaction (SET LOCAL ROLE), by the verified token.
-- tillproof_sessions    the same, for signing in: reads users, and nothing else.

--
-- Two databases of one cluster may be migrated at the same moment, and no lock of PostgreSQL spans databases: whoever
-- comes second finds the role or the membership there, which is all it wanted.

-- +goose StatementBegin
create function pg_temp.ensure_role(role_name text, options text) returns void language plpgsql as $$
begin
    if not exists (select from pg_roles where rolname = role_name) then
        execute format('create role %I %s', role_name, options);
    end if;
exception
    when duplicate_object or unique_violation then null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function pg_temp.ensure_member(role_name text, member_name text) returns void language plpgsql as $$
begin
    if not exists (
        select from pg_auth_members m
        join pg_roles r on r.oid = m.roleid
        join pg_roles u on u.oid = m.member
        where r.rolname = role_name and u.rolname = member_name
    ) then
        execute format('grant %I to %I', role_name, member_name);
    end if;
exception
    when unique_violation then null;
end
$$;
-- +goose StatementEnd

select pg_temp.ensure_role('tillproof_collector', 'login');
select pg_temp.ensure_role('tillproof_query', 'login noinherit');
select pg_temp.ensure_role('tillproof_' || api_role, 'nologin'),
       pg_temp.ensure_member('tillproof_' || api_role, 'tillproof_query')
from unnest(array['customer', 'store', 'manufacturer', 'auditor', 'admin', 'sessions']) as api_role;

drop function pg_temp.ensure_role(text, text);
drop function pg_temp.ensure_member(text, text);

create schema book;
create schema view;
grant usage on schema book, view to tillproof_collector,
    tillproof_customer, tillproof_store, tillproof_manufacturer, tillproof_auditor, tillproof_admin, tillproof_sessions;

-- +goose Down
-- The roles stay: other databases of the cluster may use them.
drop schema view;
drop schema book;
