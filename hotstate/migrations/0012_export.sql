-- +goose Up
-- What a customer's export tells beyond points and tickets: what was asked for in the customer's name. Of a transfer it is
-- the giver who asked; what a member was given stands in the statement.

create policy customer on book.redemptions for select to tillproof_customer
    using (loyalty_id = nullif(current_setting('tillproof.loyalty_id', true), ''));
create policy customer on book.transfers for select to tillproof_customer
    using (from_loyalty_id = nullif(current_setting('tillproof.loyalty_id', true), ''));
grant select (redemption_id, store_id, loyalty_id, points, currency_code, refusal, created_at) on book.redemptions to tillproof_customer;
grant select (transfer_id, from_loyalty_id, to_loyalty_id, points, refusal, created_at) on book.transfers to tillproof_customer;

-- +goose Down
revoke select (transfer_id, from_loyalty_id, to_loyalty_id, points, refusal, created_at) on book.transfers from tillproof_customer;
revoke select (redemption_id, store_id, loyalty_id, points, currency_code, refusal, created_at) on book.redemptions from tillproof_customer;
drop policy customer on book.transfers;
drop policy customer on book.redemptions;
