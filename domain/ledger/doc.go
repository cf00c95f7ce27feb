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
//	c/<hex of account, 32>/<hex of entry id, 32>  points given, not folded
//	d/<hex of account, 32>/<hex of entry id, 32>  points taken, or for an amount < 0, not folded
//	f/<hex of account, 32>/<hex of entry id, 32>  either, once folded into the head: the same value
//	h/<hex of account, 32>                        the head that spending reads and writes
//	q/<hex of hold id, 32>                        a hold: the redemption's UUID without dashes
//	x/<hex of transfer id, 32>                    a transfer: its UUID without dashes
//	u/<hex of entry id, 32>                       what is left of the amount of an entry, after undoes
//	s/<transaction id, 64>                        what one transaction added to the totals
//	s                                             the totals of transactions that were folded into it
//	p                                             the points programme; absent: the default one
//	r/<version, ten digits>                       a rule that one organisation has proposed
//	e/<hex of account, 32>                        the account was erased: one byte, the version
//	w/<transaction id, 64>/<chunk, two hex digits>  how often erasure has rewritten a chunk of bodies
//
// An entry moves from c/ or d/ to f/ and is never deleted nor changed: a balance can always be computed again from entries,
// holds and transfers, and an undo always finds what it undoes.
//
// # Keys of the private collection "bodies"
//
//	b/<transaction id, 64>/<chunk, two hex digits>                          the sealed bodies of up to 50 tickets
//	b/<transaction id, 64>/<chunk, two hex digits>/<revision, four digits>  the same after erasure; the one before is purged
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
// Entry, 48 bytes and a source. Nothing in it or in its key leads to the ticket: the entry id of an accrual is a salted leaf
// of the commitment, the others are derived (derived.go).
//
//	 0  version, 1
//	 1  kind, 1: 1 accrual, 2 undo, 3 transfer in, 4 given back, 5 paid with beyond a hold
//	 2  points, 8, two's complement
//	10  amount in minor units, 8, two's complement: what earned; what is undone; otherwise 0
//	18  currency, 3; XXX where no money is concerned
//	21  business day, 10
//	31  version of the points rule, 4; 0: by no rule
//	35  month in which the points expire, as year × 12 + month − 1, 4; 0: never. Of a debit: from where it is taken first
//	39  conversion, 8, in billionths; 0: unconverted
//	47  length of the conversion's source, 1, and the source, up to 32 bytes of ASCII
//
// An entry stands under d/ if its points or its amount are negative, else under c/. The amount of an accrual is the ticket's
// eligible amount without what the ticket takes back of others. Derived ids are the first 16 bytes of
//
//	undo        SHA-256("tillproof/v1/undo" ‖ own entry id of the undoing ticket ‖ entry id of what it undoes)
//	transfer    SHA-256("tillproof/v1/transfer" ‖ transfer id ‖ number of the part, 1)
//	given back  SHA-256("tillproof/v1/give-back" ‖ own entry id ‖ hold id ‖ number of the part, 1)
//	overdrawn   SHA-256("tillproof/v1/overdrawn" ‖ own entry id ‖ hold id)
//
// Parts, of points that expire together: their number (1), then per part: month (4), points (8, more than 0).
//
//	Head      version 1 · revision, 8 · debt, 8 · parts, by month, those that never expire last ·
//	          number of open holds, 1 · each: id, 16 · expires at, 8, in seconds since 1970 · points, 8
//	Hold      version 1 · state, 1: 1 held, 2 captured, 3 released, 4 lapsed · account, 16 · points, 8 · captured, 8 ·
//	          claimed by tickets, 8 · given back, 8 · expires at, 8 · digest of the request, 32 · parts
//	Transfer  version 1 · from, 16 · to, 16 · points, 8 · digest of the request, 32 · parts
//	Left      version 1 · minor units, 8: beyond zero where more was undone than there was
//	Totals    version 1 · issued, 8 · debited, 8 · held, 8 · redeemed, 8 · expired, 8: signed changes, or their sums
//	Rule      version of the rule, 4 · first business day, 10 · rate in basis points, 4 · currency, 3, XXX for none ·
//	          validity in months, 2 · late days, 2 · flags, 1: 1 the bare loyalty id may redeem
//	Programme version 1 · number of rules, 2 · rules
//	Proposal  version 1 · length of the proposer's MSP id, 1 · MSP id · rule
//	Revision  version 1 · number, 2
//	Chunk     version 2 · length of the lot, 4 · lot · number of slots, 1 · per slot: length of the person part, 4 · person
//	          part (both package sealed). In older ledgers also version 1, of bodies that stand alone: number of slots, 1 ·
//	          per slot: ticket key, 32 · length of the sealed body, 4 · sealed body
//
// What a rule's digest hashes is "tillproof/v1/rule" ‖ rule. Outstanding points are issued − debited − redeemed − expired;
// what is held is still outstanding.
//
// # The batch
//
// Submitted as the transient field "batch" of the chaincode functions RecordTickets and SettleUndoes, so that no argument
// stands in a block: version 2, number of tickets (2), then per ticket
//
//	ticket key, 32 · commitment, 32 · 1 if an opening, originals and a conversion follow, else 0
//	opening: account, 16 · entry id, 16 · eligible amount, 8 · currency, 3 · business day, 10 · reference, 32 ·
//	         number of undoes, 2 · each: amount, 8 · reference, 32 · 1 if it is a void, else 0, 1 ·
//	         number of redemptions, 1 · each: id, 36 · points, 8 ·
//	         the salts of these seven leaves, 7 × 32 · the leaf at position 7, 32 · number of siblings, 1 · siblings, 32 each
//	originals, one for each undo: 0 if it is not known, or 1 · ticket key, 32 · opening ·
//	         of a voided ticket also its own originals, in the same form, without theirs
//	conversion: rate, 8 · length of its source, 1 · source; rate 0 for none
//	length of the person part of the sealed body, 4 · person part
//
// and at the end the number of lots, 1, and per lot its length, 4, and the lot: of the first 50 tickets, of the next 50, and so
// on; or none, where the bodies are not asked for. The ticket at place p of the batch has slot p mod 50 of chunk p ÷ 50; the
// slot of one that is not recorded stays empty.
//
// A ticket has an opening if it has a member, or undoes or redeems anything. The batch is in strictly ascending order of
// ticket keys: a batch has one form, names no ticket twice, and tells nothing of the order of arrival.
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
