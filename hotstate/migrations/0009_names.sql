-- +goose Up
-- Names beside ids: of products and stores in sales, and what a customer's export tells of the customer.
--
-- These registrations had no row-level security, since no API role read them. Who reads a name is not in the row: a
-- manufacturer sees the name of a store that sold its products, which only the sales know. So these policies do have
-- subqueries. They are kept cheap: rows come by primary key, for a page at a time, and each subquery is one step into an
-- index that begins with what it asks for. Sums are never read through them.

alter table book.stores    enable row level security, force row level security;
alter table book.products  enable row level security, force row level security;
alter table book.customers enable row level security, force row level security;
alter table book.users     enable row level security, force row level security;

create policy collector on book.stores    to tillproof_collector using (true);
create policy collector on book.products  to tillproof_collector using (true);
create policy collector on book.customers to tillproof_collector using (true);
create policy collector on book.users     to tillproof_collector using (true);
create policy owner on book.stores    to current_user using (true);
create policy owner on book.products  to current_user using (true);
create policy owner on book.customers to current_user using (true);
create policy owner on book.users     to current_user using (true);
create policy sessions on book.users to tillproof_sessions using (true);

drop index view.lines_by_item;
create index lines_by_item on view.lines (retailer_id, item_id, manufacturer_id);
create index sales_by_month_store on view.sales_by_month (manufacturer_id, store_id);

create policy manufacturer on book.products for select to tillproof_manufacturer
    using (exists (select from view.lines l
                   where l.retailer_id = products.retailer_id and l.item_id = products.item_id
                     and l.manufacturer_id = nullif(current_setting('tillproof.manufacturer_id', true), '')));
create policy manufacturer on book.stores for select to tillproof_manufacturer
    using (exists (select from view.sales_by_month s
                   where s.store_id = stores.store_id
                     and s.manufacturer_id = nullif(current_setting('tillproof.manufacturer_id', true), '')));

create policy store on book.stores for select to tillproof_store
    using (store_id = any (nullif(current_setting('tillproof.store_ids', true), '')::text[]));
create policy head_office on book.stores for select to tillproof_head_office
    using (retailer_id = nullif(current_setting('tillproof.retailer_id', true), ''));
-- A store reads the names of its retailer's products. Which retailer that is the row of the store says, under its policy.
create policy store on book.products for select to tillproof_store
    using (retailer_id in (select s.retailer_id from book.stores s));
create policy head_office on book.products for select to tillproof_head_office
    using (retailer_id = nullif(current_setting('tillproof.retailer_id', true), ''));

create policy auditor on book.stores   for select to tillproof_auditor, tillproof_admin using (true);
create policy auditor on book.products for select to tillproof_auditor, tillproof_admin using (true);

create policy customer on book.customers for select to tillproof_customer
    using (loyalty_id = nullif(current_setting('tillproof.loyalty_id', true), ''));
create policy customer on book.users for select to tillproof_customer
    using (loyalty_id = nullif(current_setting('tillproof.loyalty_id', true), ''));

grant select (store_id, name, retailer_id) on book.stores
    to tillproof_store, tillproof_head_office, tillproof_manufacturer, tillproof_auditor, tillproof_admin;
grant select (retailer_id, item_id, description) on book.products
    to tillproof_store, tillproof_head_office, tillproof_manufacturer, tillproof_auditor, tillproof_admin;
grant select (loyalty_id, name, registered_at) on book.customers to tillproof_customer;
grant select (username, role, loyalty_id, changed_at) on book.users to tillproof_customer;

-- +goose Down
revoke select (username, role, loyalty_id, changed_at) on book.users from tillproof_customer;
revoke select (loyalty_id, name, registered_at) on book.customers from tillproof_customer;
revoke select (retailer_id, item_id, description) on book.products
    from tillproof_store, tillproof_head_office, tillproof_manufacturer, tillproof_auditor, tillproof_admin;
revoke select (store_id, name, retailer_id) on book.stores
    from tillproof_store, tillproof_head_office, tillproof_manufacturer, tillproof_auditor, tillproof_admin;
drop policy customer on book.users;
drop policy customer on book.customers;
drop policy auditor on book.products;
drop policy auditor on book.stores;
drop policy head_office on book.products;
drop policy store on book.products;
drop policy head_office on book.stores;
drop policy store on book.stores;
drop policy manufacturer on book.stores;
drop policy manufacturer on book.products;
drop index view.sales_by_month_store;
drop index view.lines_by_item;
create index lines_by_item on view.lines (retailer_id, item_id);
drop policy sessions on book.users;
drop policy owner on book.users;
drop policy owner on book.customers;
drop policy owner on book.products;
drop policy owner on book.stores;
drop policy collector on book.users;
drop policy collector on book.customers;
drop policy collector on book.products;
drop policy collector on book.stores;
alter table book.users     no force row level security, disable row level security;
alter table book.customers no force row level security, disable row level security;
alter table book.products  no force row level security, disable row level security;
alter table book.stores    no force row level security, disable row level security;
