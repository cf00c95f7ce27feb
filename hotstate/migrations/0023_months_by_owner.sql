-- +goose Up
-- A manufacturer reads all of its months at once, and they were one or two to a page: cells come in the order of trade, the
-- manufacturers' all mixed. So the table is kept in parts, by manufacturer, in each of which only a few are mixed. Whoever
-- reads or writes names the table and not a part; by the manufacturer, in the policy too, PostgreSQL knows the one to look in.
--
-- No more than sixteen, since a plan that is kept locks every part each time it runs.

alter table view.sales_by_month no force row level security;    -- the owner of the schema, who need be no superuser, copies it
alter table view.sales_by_month rename to sales_by_month_mixed;
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
    changed_block   bigint not null
) partition by hash (manufacturer_id);

-- The table's policies hold for whoever names the table. A part has none, and nobody may read or write it by its own name.
-- +goose StatementBegin
do $$
begin
    for n in 0..15 loop
        execute format('create table view.sales_by_month_%s partition of view.sales_by_month
                        for values with (modulus 16, remainder %s)', to_char(n, 'FM00'), n);
        execute format('alter table view.sales_by_month_%s enable row level security, force row level security', to_char(n, 'FM00'));
    end loop;
end
$$;
-- +goose StatementEnd

insert into view.sales_by_month
select manufacturer_id, store_id, month, currency_code, units_sold, units_returned, amount_sold, amount_returned, lines, tickets,
       changed_block
from view.sales_by_month_mixed;

drop policy manufacturer on book.stores;                        -- it reads the months
drop table view.sales_by_month_mixed;

alter table view.sales_by_month add primary key (manufacturer_id, month, store_id, currency_code);
create index sales_by_month_store on view.sales_by_month (manufacturer_id, store_id);
alter table view.sales_by_month enable row level security, force row level security;
create policy collector on view.sales_by_month to tillproof_collector using (true);
create policy manufacturer on view.sales_by_month for select to tillproof_manufacturer
    using (manufacturer_id = nullif(current_setting('tillproof.manufacturer_id', true), ''));
grant select, insert, update, delete, truncate on view.sales_by_month to tillproof_collector;
grant select on view.sales_by_month to tillproof_manufacturer;

create policy manufacturer on book.stores for select to tillproof_manufacturer
    using (exists (select from view.sales_by_month s
                   where s.store_id = stores.store_id
                     and s.manufacturer_id = nullif(current_setting('tillproof.manufacturer_id', true), '')));

-- +goose Down
alter table view.sales_by_month no force row level security;
alter table view.sales_by_month rename to sales_by_month_parted;
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
    changed_block   bigint not null
);
insert into view.sales_by_month
select manufacturer_id, store_id, month, currency_code, units_sold, units_returned, amount_sold, amount_returned, lines, tickets,
       changed_block
from view.sales_by_month_parted;
drop policy manufacturer on book.stores;
drop table view.sales_by_month_parted;
alter table view.sales_by_month add primary key (manufacturer_id, month, store_id, currency_code);
create index sales_by_month_store on view.sales_by_month (manufacturer_id, store_id);
alter table view.sales_by_month enable row level security, force row level security;
create policy collector on view.sales_by_month to tillproof_collector using (true);
create policy manufacturer on view.sales_by_month for select to tillproof_manufacturer
    using (manufacturer_id = nullif(current_setting('tillproof.manufacturer_id', true), ''));
grant select, insert, update, delete, truncate on view.sales_by_month to tillproof_collector;
grant select on view.sales_by_month to tillproof_manufacturer;
create policy manufacturer on book.stores for select to tillproof_manufacturer
    using (exists (select from view.sales_by_month s
                   where s.store_id = stores.store_id
                     and s.manufacturer_id = nullif(current_setting('tillproof.manufacturer_id', true), '')));
