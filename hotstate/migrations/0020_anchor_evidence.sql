-- +goose Up
-- What shows to somebody without an Ethereum node that a block holds an anchor: the block's header, and the proofs of
-- transaction and receipt in its tries. Written once an anchor is final, from what the node says; derived like all of view.
create table view.anchor_evidence (
    chain_id          bigint not null,
    contract          bytea not null,
    size              bigint not null,
    header            bytea not null,       -- RLP
    transaction_index bigint not null,
    event             int not null,         -- its place among those of the transaction
    transaction_proof bytea[] not null,     -- nodes, from the root
    receipt_proof     bytea[] not null,
    primary key (chain_id, contract, size),
    foreign key (chain_id, contract, size) references view.anchors on delete cascade
);

grant select, insert, update, delete on view.anchor_evidence to tillproof_anchor;
grant select on view.anchor_evidence to tillproof_prover;
alter table view.anchor_evidence enable row level security, force row level security;
create policy anchor on view.anchor_evidence to tillproof_anchor using (true);
create policy prover on view.anchor_evidence for select to tillproof_prover using (true);

-- +goose Down
drop table view.anchor_evidence;
