-- +goose Up
-- What a ticket costs on its way through here is mostly rows written again and index entries, so there are fewer of both.

-- Claims of their own: to claim a ticket no longer writes its row anew, with its body and an entry in each index.
-- That the ticket and the batch are there is not declared: one statement makes the claim from both, and to look each
-- ticket up again costs as much as the claim.
create table book.claims (
    ticket_id bigint primary key,
    batch_id  bigint not null
);
create index claims_by_batch on book.claims (batch_id);
insert into book.claims (ticket_id, batch_id)
select id, batch_id from book.tickets where state = 'accepted' and batch_id is not null;

alter table book.claims enable row level security, force row level security;
create policy collector on book.claims to tillproof_collector using (true);
create policy owner on book.claims to current_user using (true);
grant select, insert, update, delete on book.claims to tillproof_collector;

drop index book.tickets_to_record, book.tickets_by_batch, book.tickets_linked;
alter table book.tickets drop column batch_id;
-- On "id + 0", and the claim asks for that: so the planner cannot take the primary key for it, which has every ticket there
-- ever was, and would when its statistics are from a moment with a backlog.
create index tickets_to_record on book.tickets ((id + 0)) where state = 'accepted';
create index tickets_linked on book.tickets ((id + 0)) where state = 'accepted' and (undoes <> '{}' or redeems);

-- The ticket key is the keyed hash of these four and the store's retailer, and unique itself.
alter table book.tickets drop constraint tickets_store_id_workstation_id_business_day_sequence_numbe_key;
-- A ticket's body is here until it is recorded. To compress it for so long does not pay.
alter table book.tickets set (toast_tuple_target = 8160);
-- Envelopes are ciphertext for the most part, which nothing makes smaller.
alter table book.batches alter column envelope set storage external;

-- Lines are looked for by owner and day, and by block; no index for questions that smaller tables answer. That a line is
-- there once is seen to by its ticket, which is written beside it and has a primary key: an index that begins with a
-- random key, or holds one, costs more than all else that writing a line does.
drop index view.lines_by_store;
alter table view.lines drop constraint lines_pkey;

-- Which products were sold, and whose they were then: for the names that a manufacturer may read, and to find what a
-- registration changes.
create table view.products_sold (
    manufacturer_id text not null,
    retailer_id     text not null,
    item_id         text not null,
    gtin            text not null,      -- as sold; '' where the ticket had none
    primary key (retailer_id, item_id, manufacturer_id, gtin)
);
-- An owner of the schema who is no superuser reads the lines only while their policies are not forced on it.
alter table view.lines no force row level security;
insert into view.products_sold (manufacturer_id, retailer_id, item_id, gtin)
select distinct manufacturer_id, retailer_id, item_id, coalesce(gtin, '') from view.lines;
alter table view.lines force row level security;

alter table view.products_sold enable row level security, force row level security;
create policy collector on view.products_sold to tillproof_collector using (true);
grant select, insert, update, delete, truncate on view.products_sold to tillproof_collector;
create policy manufacturer on view.products_sold for select to tillproof_manufacturer
    using (manufacturer_id = nullif(current_setting('tillproof.manufacturer_id', true), ''));
grant select on view.products_sold to tillproof_manufacturer;

drop policy manufacturer on book.products;
create policy manufacturer on book.products for select to tillproof_manufacturer
    using (exists (select from view.products_sold s
                   where s.retailer_id = products.retailer_id and s.item_id = products.item_id
                     and s.manufacturer_id = nullif(current_setting('tillproof.manufacturer_id', true), '')));
drop index view.lines_by_item;

-- +goose Down
create index lines_by_item on view.lines (retailer_id, item_id, manufacturer_id);
drop policy manufacturer on book.products;
create policy manufacturer on book.products for select to tillproof_manufacturer
    using (exists (select from view.lines l
                   where l.retailer_id = products.retailer_id and l.item_id = products.item_id
                     and l.manufacturer_id = nullif(current_setting('tillproof.manufacturer_id', true), '')));
drop table view.products_sold;
alter table view.lines add primary key (ticket_key, line_number);
create index lines_by_store on view.lines (store_id, business_day);
alter table book.batches alter column envelope set storage extended;
alter table book.tickets reset (toast_tuple_target);
alter table book.tickets add unique (store_id, workstation_id, business_day, sequence_number);
drop index book.tickets_to_record, book.tickets_linked;
alter table book.tickets add column batch_id bigint references book.batches;
update book.tickets t set batch_id = c.batch_id from book.claims c where c.ticket_id = t.id;
create index tickets_to_record on book.tickets (id) where state = 'accepted' and batch_id is null;
create index tickets_by_batch on book.tickets (batch_id) where state = 'accepted';
create index tickets_linked on book.tickets (id) where state = 'accepted' and batch_id is null and (undoes <> '{}' or redeems);
drop table book.claims;
