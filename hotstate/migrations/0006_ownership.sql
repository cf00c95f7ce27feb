-- +goose Up
-- Who owns a product on a business day, '' for nobody: whom the retailer named for it by that day, else the holder of the
-- longest GS1 company prefix that its number begins with.
--
-- A GTIN-14 has an indicator digit first; the prefix begins behind it. In-store numbers (02, 04, 20 to 29) mean
-- something at one retailer alone, and belong to no prefix.
--
-- It gives one row. It is a table and not a value since PostgreSQL then makes it a part of the query that asks, which is
-- more than twice as quick.
-- +goose StatementBegin
create function view.owner_of(in_retailer text, in_item text, in_gtin text, in_day date)
    returns table (manufacturer_id text)
language sql stable parallel safe as $$
    select coalesce(
        (select nullif(o.manufacturer_id, '')
         from book.product_owners o
         where o.retailer_id = in_retailer and o.item_id = in_item and o.owned_from <= in_day
         order by o.owned_from desc
         limit 1),
        (select p.manufacturer_id
         from (select substr(coalesce(in_gtin, r.gtin), 2) as number
               from (select 1) as one
               left join book.products r on r.retailer_id = in_retailer and r.item_id = in_item) as g,
              book.manufacturer_prefixes p
         where p.prefix = any (array[left(g.number, 4), left(g.number, 5), left(g.number, 6), left(g.number, 7),
                   left(g.number, 8), left(g.number, 9), left(g.number, 10), left(g.number, 11), left(g.number, 12)])
           and left(g.number, 2) not in ('02', '04') and left(g.number, 1) <> '2'
         order by length(p.prefix) desc
         limit 1),
        '')
$$;
-- +goose StatementEnd

-- +goose Down
drop function view.owner_of;
