-- +goose Up
-- The collector tells a store which root on Ethereum covers its ticket.
grant select on view.anchors to tillproof_collector;
create policy collector on view.anchors for select to tillproof_collector using (true);

-- +goose Down
drop policy collector on view.anchors;
revoke select on view.anchors from tillproof_collector;
