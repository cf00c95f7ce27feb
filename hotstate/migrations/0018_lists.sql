-- +goose Up
-- Lists of tickets have two halves: those on the ledger, from view, and those that are not, from here. The second half is
-- short while the ledger keeps up, and 200,000 tickets when it does not; a page of it has to walk an index, too.
-- Members' pending points are read off the first of these as before: what is accepted is not recorded.
drop index book.tickets_pending;
drop index book.tickets_by_day;
create index tickets_open_by_member on book.tickets (loyalty_id, business_day, sequence_number)
    where state <> 'recorded' and loyalty_id is not null;
create index tickets_open_by_store on book.tickets (store_id, business_day, sequence_number) where state <> 'recorded';
create index tickets_open_by_retailer on book.tickets (retailer_id, business_day, sequence_number) where state <> 'recorded';

-- Which of a member's points expire, without a look at all that the member ever had. Where points do not expire it is empty.
create index points_entries_expiring on view.points_entries (loyalty_id) where not folded and expiry_month > 0;

-- +goose Down
drop index view.points_entries_expiring;
drop index book.tickets_open_by_retailer;
drop index book.tickets_open_by_store;
drop index book.tickets_open_by_member;
create index tickets_by_day on book.tickets (store_id, business_day) where state <> 'recorded';
create index tickets_pending on book.tickets (loyalty_id) where state = 'accepted' and loyalty_id is not null;
