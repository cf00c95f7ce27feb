-- +goose Up
-- A store's days till by till, which administrators see of every store: numbers and sums, no member and no body. Auditors
-- read the tills' numbers, to count those that are missing.
create index tickets_by_day on book.tickets (store_id, business_day) where state <> 'recorded';

grant select (store_id, retailer_id, workstation_id, business_day, sequence_number, transaction_type, currency_code, grand_total, points)
    on view.tickets to tillproof_admin;
grant select (store_id, retailer_id, workstation_id, business_day, sequence_number) on book.tickets to tillproof_admin, tillproof_auditor;

-- +goose Down
revoke select (store_id, retailer_id, workstation_id, business_day, sequence_number) on book.tickets from tillproof_admin, tillproof_auditor;
revoke select (store_id, retailer_id, workstation_id, business_day, sequence_number, transaction_type, currency_code, grand_total, points)
    on view.tickets from tillproof_admin;
drop index book.tickets_by_day;
