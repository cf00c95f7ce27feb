-- Two retailers, three stores, two manufacturers, two members. Small enough to add up by hand.
--
--   retailer main:  store 'Nord/1, "A"' (an id that looks like trouble), store S2    retailer other: store X1
--   main:  products A and B are m1's, C is m2's, D is nobody's                      other: product A is m2's
--
--   ticket  store  day         member  lines
--   t1      Nord   2024-01-15  a       A 2 = 400, B 1 = 150, C 1 = 100     EUR
--   t2      Nord   2024-01-31  b       A 1 = 200, A 0.5 = 100              EUR
--   t3      S2     2024-02-01  -       A -1 = -200                         EUR
--   t4      X1     2024-02-10  a       A 3 = 1500                          JPY
--   t5      Nord   2024-02-10  -       D 0.742 = 90                        EUR
--   t6      Nord   2024-02-11  a       B 1 = 500       accepted, not recorded
--   t7      Nord   2024-02-11  a       B 1 = 700       rejected: a conflict
--   t8      S2     2024-02-11  b       C 1 = 200       accepted, not recorded

insert into book.stores (store_id, name, retailer_id, currency_code) values
    ('Nord/1, "A"', 'North', 'main', 'EUR'), ('S2', 'South', 'main', 'EUR'), ('X1', 'Elsewhere', 'other', 'JPY');

-- B has no description, and a product of the same number at another retailer is another product.
insert into book.products (retailer_id, item_id, description) values
    ('main', 'A', 'Apples'), ('main', 'B', null), ('main', 'C', 'Cheese'), ('main', 'D', 'Dates'), ('other', 'A', 'Anchors');

insert into book.customers (loyalty_id, name) values ('a', 'Member A'), ('b', null);

insert into view.checkpoint values ('tickets', 43, '2024-02-10T20:00:00Z');

insert into view.tickets (ticket_key, retailer_id, transaction_id, transaction_type, store_id, workstation_id, business_day,
    sequence_number, ended_at, currency_code, grand_total, loyalty_id, points, commitment, rule_version, trade, person,
    block, tx_index, tx_id, recorded_at)
select sha256(name::bytea), retailer, ('00000000-0000-4000-8000-00000000000' || right(name, 1))::uuid, type, store, 'till 1', day,
    number, day + time '12:00', currency, total, member, total / 100, sha256('c' || name::bytea), 1,
    convert_to(format('{"businessDayDate":"%s","currencyCode":"%s","lineItems":[{"extendedAmount":%s,"itemId":"A","quantity":"1","sequenceNumber":1}],"schemaVersion":"1","sequenceNumber":%s,"tenders":[{"amount":%s,"tenderType":"Card"}],"totals":{"grand":%s},"transactionId":"00000000-0000-4000-8000-00000000000%s","transactionType":"%s"}',
        day, currency, total, number, total, total, right(name, 1), type), 'UTF8'),
    convert_to(format('{"loyaltyId":%s,"operatorId":"op-7","tenderReferences":["auth-1"]}', coalesce('"' || member || '"', 'null')), 'UTF8'),
    block, 0, 'tx-' || name, day + time '12:01'
from (values
    ('t1', 'main',  'Sale',   'Nord/1, "A"', date '2024-01-15', 1, 'EUR', 650,  'a',  40),
    ('t2', 'main',  'Sale',   'Nord/1, "A"', date '2024-01-31', 2, 'EUR', 300,  'b',  40),
    ('t3', 'main',  'Return', 'S2',          date '2024-02-01', 1, 'EUR', -200, null, 41),
    ('t4', 'other', 'Sale',   'X1',          date '2024-02-10', 1, 'JPY', 1500, 'a',  42),
    ('t5', 'main',  'Sale',   'Nord/1, "A"', date '2024-02-10', 3, 'EUR', 90,   null, 42)
) as t (name, retailer, type, store, day, number, currency, total, member, block);

insert into view.lines (ticket_key, line_number, retailer_id, manufacturer_id, item_id, store_id, business_day, currency_code, quantity, amount, block)
select sha256(name::bytea), number, t.retailer_id, owner, item, t.store_id, t.business_day, t.currency_code, quantity, amount, t.block
from (values
    ('t1', 1, 'm1', 'A', 2,     400),
    ('t1', 2, 'm1', 'B', 1,     150),
    ('t1', 3, 'm2', 'C', 1,     100),
    ('t2', 1, 'm1', 'A', 1,     200),
    ('t2', 2, 'm1', 'A', 0.5,   100),
    ('t3', 1, 'm1', 'A', -1,    -200),
    ('t4', 1, 'm2', 'A', 3,     1500),
    ('t5', 1, '',   'D', 0.742, 90)
) as l (name, number, owner, item, quantity, amount)
join view.tickets t on t.ticket_key = sha256(name::bytea);

insert into view.products_sold (manufacturer_id, retailer_id, item_id, gtin)
select distinct manufacturer_id, retailer_id, item_id, coalesce(gtin, '') from view.lines;

insert into view.sales_by_day
select manufacturer_id, retailer_id, item_id, store_id, business_day, currency_code,
    coalesce(sum(quantity) filter (where quantity > 0), 0), coalesce(-sum(quantity) filter (where quantity < 0), 0),
    coalesce(sum(amount) filter (where quantity > 0), 0), coalesce(-sum(amount) filter (where quantity < 0), 0),
    count(*), count(distinct ticket_key), max(block)
from view.lines group by 1, 2, 3, 4, 5, 6;

insert into view.sales_by_month
select manufacturer_id, store_id, date_trunc('month', business_day), currency_code,
    coalesce(sum(quantity) filter (where quantity > 0), 0), coalesce(-sum(quantity) filter (where quantity < 0), 0),
    coalesce(sum(amount) filter (where quantity > 0), 0), coalesce(-sum(amount) filter (where quantity < 0), 0),
    count(*), count(distinct ticket_key), max(block)
from view.lines group by 1, 2, 3, 4;

insert into view.sales_by_store_day
select retailer_id, store_id, business_day, currency_code,
    coalesce(sum(quantity) filter (where quantity > 0), 0), coalesce(-sum(quantity) filter (where quantity < 0), 0),
    coalesce(sum(amount) filter (where quantity > 0), 0), coalesce(-sum(amount) filter (where quantity < 0), 0),
    count(*), count(distinct ticket_key), max(block)
from view.lines group by 1, 2, 3, 4;

insert into view.points_entries (entry_id, account, loyalty_id, kind, points, eligible_amount, currency_code, rule_version,
    ticket_key, business_day, block, tx_index, tx_id, recorded_at)
select sha256('e' || tx_id::bytea), sha256(loyalty_id::bytea), loyalty_id, 'accrual', points, grand_total, currency_code, 1,
    ticket_key, business_day, block, tx_index, tx_id, recorded_at
from view.tickets where loyalty_id is not null;

-- Of t1 a part was paid with points; South captured others by itself, on a day without tickets.
insert into view.redemptions (hold_id, retailer_id, store_id, workstation_id, business_day, points, block)
select '00000000-0000-4000-8000-0000000000a1', retailer_id, store_id, workstation_id, business_day, 50, block
from view.tickets where ticket_key = sha256('t1')
union all values
    ('00000000-0000-4000-8000-0000000000a2'::uuid, 'main', 'S2', '', date '2024-02-05', 20, 41),
    ('00000000-0000-4000-8000-0000000000a3'::uuid, 'main', 'S2', '', date '2024-02-05', 10, 41);

insert into view.points_balances select loyalty_id, sum(points) from view.points_entries group by 1;

insert into book.tickets (retailer_id, transaction_id, store_id, workstation_id, business_day, sequence_number, ticket_key,
    content_mac, loyalty_id, pending_points, state, block, tx_id, received_at)
select retailer_id, transaction_id, store_id, workstation_id, business_day, sequence_number, ticket_key,
    '', loyalty_id, points, 'recorded', block, tx_id, recorded_at
from view.tickets order by block, transaction_id;

insert into book.tickets (retailer_id, transaction_id, store_id, workstation_id, business_day, sequence_number, ticket_key,
    content_mac, loyalty_id, pending_points, state, reason, received_at, seed, body)
select 'main', ('00000000-0000-4000-8000-00000000000' || right(name, 1))::uuid, store, 'till 1', '2024-02-11',
    number, sha256(name::bytea), '', member, total / 100, state, reason, '2024-02-11T12:00:00Z', sha256('s'),
    convert_to(format('{"businessDayDate":"2024-02-11","currencyCode":"EUR","endDateTime":"2024-02-11T13:00:00+01:00","lineItems":[{"extendedAmount":%s,"itemId":"B","quantity":"1","sequenceNumber":1}],"loyaltyId":"%s","operatorId":"op-7","schemaVersion":"1","sequenceNumber":%s,"tenders":[{"amount":%s,"reference":"auth-1","tenderType":"Card"}],"totals":{"grand":%s},"transactionId":"00000000-0000-4000-8000-00000000000%s","transactionType":"Sale"}',
        total, member, number, total, total, right(name, 1)), 'UTF8')
from (values
    ('t6', 'Nord/1, "A"', 4, 'a', 500, 'accepted', null),
    ('t7', 'Nord/1, "A"', 5, 'a', 700, 'rejected', 'conflict: the till number stands on the ledger with other content'),
    ('t8', 'S2',          2, 'b', 200, 'accepted', null)
) as t (name, store, number, member, total, state, reason);
