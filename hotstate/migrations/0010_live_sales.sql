-- +goose Up
-- The live stream asks, block after block, which cells the new lines fall into. Lines are only ever added at the end of
-- this index; an index on the cells' changed_block would be rewritten with every sale.
create index lines_by_block on view.lines (block);

-- It asks once for all listeners, as the auditor, for keys alone; each listener's sums are then read as the listener.
create policy auditor on view.lines for select to tillproof_auditor, tillproof_admin using (true);
grant select (block, manufacturer_id, retailer_id, item_id, store_id, business_day, currency_code)
    on view.lines to tillproof_auditor, tillproof_admin;

-- +goose Down
revoke select (block, manufacturer_id, retailer_id, item_id, store_id, business_day, currency_code)
    on view.lines from tillproof_auditor, tillproof_admin;
drop policy auditor on view.lines;
drop index view.lines_by_block;
