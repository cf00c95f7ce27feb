// Package ledger is the shape of everything on the Fabric channel: keys, values, the batch a client submits, the answer
// it gets, and the entry of the Merkle log. To change a shape is a migration of a ledger that two organisations hold;
// therefore every value begins with a version byte, and a reader refuses a version it does not know.
//
// All integers are big-endian. hex is lower case. A day is the ten ASCII bytes YYYY-MM-DD, a currency the three letters
// of ISO 4217.
//
// # Keys of the public state
//
//	t/<hex of ticket key, 64>                     a recorded ticket
//	c/<hex of account, 32>/<hex of entry id, 32>  points from an eligible amount ≥ 0
//	d/<hex of account, 32>/<hex of entry id, 32>  points taken back, for an eligible amount < 0
//	h/<hex of account, 32>                        the head that spending reads and writes (reserved)
//	s/<transaction id, 64>                        what one transaction added to the totals
//	p                                             the points programme; absent: the default one
//
// # Key of the private collection "bodies"
//
//	b/<transaction id, 64>/<chunk, two hex digits>  the sealed bodies of up to 50 tickets
//
// A ticket key is
//
//	HMAC-SHA256(retail key, "tillproof/v1/ticket" ‖ f(retailer) ‖ f(store) ‖ f(workstation) ‖ f(business day) ‖ sequence number)
//
// and the reference of a transaction id, by which a return names its sale,
//
//	HMAC-SHA256(retail key, "tillproof/v1/reference" ‖ f(retailer) ‖ f(transaction id in lower case))
//
// where f(x) is the length of x in bytes as 2 bytes and then x, and the sequence number has 8 bytes. The ledger itself so
// refuses a till's number used twice, and who lacks the retail key can guess no key.
//
// # Values
//
// Record, 71 bytes: it names the transaction that wrote it, so that a client which never learnt the outcome of its own
// submission finds it.
//
//	 0  version, 1
//	 1  commitment, 32
//	33  version of the points programme at the time of recording, 4; the same with and without a member
//	37  transaction id, 32
//	69  chunk of the sealed body in that transaction, 1
//	70  its slot in the chunk, 1
//
// Entry, 39 bytes, under c/ or d/. Nothing in it or in its key leads to the ticket: the entry id
// is a salted leaf of the commitment.
//
//	 0  version, 1
//	 1  kind, 1: 1 accrual
//	 2  points, 8, two's complement
//	10  eligible amount in minor units, 8, two's complement
//	18  currency, 3
//	21  business day, 10
//	31  version of the points rule, 4
//	35  month in which the points expire, as year × 12 + month − 1, 4; 0: never
//
// Totals of one transaction, 41 bytes: version 1, then five 8-byte numbers: issued, debited, held, redeemed, expired.
//
// Chunk: version 1, number of slots (1 byte), then per slot the ticket key (32), the length of the sealed body (4) and the
// sealed body (package sealed).
//
// Programme: version 1, number of rules (2), then per rule: version (4), first business day (10), rate in basis points (4).
//
// # The batch
//
// Submitted as the transient field "batch" of the chaincode function RecordTickets, so that no argument stands in a block:
// version 1, number of tickets (2), then per ticket
//
//	ticket key, 32 · commitment, 32 · 1 if an opening follows, else 0
//	opening: account, 16 · entry id, 16 · eligible amount, 8 · currency, 3 · business day, 10 · reference, 32 ·
//	         number of undoes, 2 · each: amount, 8 · reference, 32 ·
//	         number of redemptions, 1 · each: id, 36 · points, 8 ·
//	         the salts of these seven leaves, 7 × 32 · the leaf at position 7, 32 · number of siblings, 1 · siblings, 32 each
//	length of the sealed body, 4 · sealed body
//
// A ticket has an opening if it has a member, or undoes or redeems anything.
//
// in strictly ascending order of ticket keys: a batch has one form, names no ticket twice, and tells nothing of the
// order of arrival.
//
// # The entry of the log
//
//	version 1 · length of the channel's name, 2 · channel · ticket key, 32 · commitment, 32
//
// Its leaf hash is SHA-256(0x00 ‖ entry), its nodes SHA-256(0x01 ‖ left ‖ right): RFC 6962, section 2.1. The leaves and
// nodes of a ticket's own commitment have other prefixes (package commitment), so that none can stand for another.
package ledger

// Version begins every value and every batch.
const Version = 1
