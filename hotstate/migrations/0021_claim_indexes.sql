-- +goose Up
-- What waits for the ledger is looked for under one of these two conditions, and each has an index that no other can stand
-- in for: an index is used where the planner can prove its condition, and of "case" it proves nothing. Before, a search for
-- the few tickets that undo others or redeem points went through all that wait, as long as statistics called both empty.
drop index book.tickets_to_record, book.tickets_linked;
create index tickets_to_record on book.tickets ((id + 0))
    where case when state = 'accepted' then undoes = '{}' and not redeems end;
create index tickets_linked on book.tickets ((id + 0))
    where case when state = 'accepted' then undoes <> '{}' or redeems end;

-- +goose Down
drop index book.tickets_to_record, book.tickets_linked;
create index tickets_to_record on book.tickets ((id + 0)) where state = 'accepted';
create index tickets_linked on book.tickets ((id + 0)) where state = 'accepted' and (undoes <> '{}' or redeems);
