// Package sealed encrypts tickets into the bodies that both organisations' peers keep: each peer is the other's copy of
// the ciphertext, and only the retailer's keys open it.
//
// # Two parts
//
// A body has a trade part, which says nothing of member or operator, and a person part with the rest. The trade part is
// encrypted under a key of the period (month) in which it was sealed, the person part under a key of the member, or a period
// key where there is no member. With the member's key destroyed the person is gone from every copy, and the trade part still
// yields sales, commitment and proofs.
//
// # Version 2: lots
//
// The trade parts of up to 50 tickets, a lot, are compressed and encrypted together: what tickets of one hour have in common
// is most of them. The person parts stand alone, since each is emptied alone. A ticket has a place in its lot, from 0.
//
//	Lot   version, 2 · period, 4: year × 12 + month − 1 · salt, 32, random · ciphertext of the trade parts with tag (16)
//	Body  the same version, 2 · place, 1 · length of the lot, 4 · lot · encrypted person part, empty once erased
//
// Keys and nonces: a salt is used once, and so is each key that is derived from it; all nonces are 12 zero bytes. The keys are
//
//	of the lot      HMAC-SHA256(period key of trade parts, "tillproof/v2/seal/trade" ‖ salt)
//	of a person     HMAC-SHA256(part key, "tillproof/v2/seal/person" ‖ salt ‖ place)
//
// both for AES-256-GCM, with the first 5 bytes of the lot as additional data. That a trade part is this ticket's and no
// other's is not told by a key: whoever opens one holds it against the commitment on the ledger.
//
// What a lot encrypts is
//
//	number of tickets, 1
//	per ticket: trade secret, 32 · leaf of the account, 32 · of the entry id, 32 · of the redemptions, 32 · number of other
//	            person leaves, 1 · these, 32 each · 1 if a member's key id follows, else 0 · key id, 16
//	length of what is compressed, 4 · DEFLATE (RFC 1951), with the preset dictionary in dictionary.go, of
//	            per ticket: length of the retailer's id, 2 · retailer's id · length of the ticket, 4 · the canonical ticket
//	            without loyaltyId, operatorId and references of tenders
//	zeros, up to the next power of two of at least 512 bytes; with 16 tickets or more, up to the next eighth of one
//
// so that the size of a lot tells a factor of two of the length of a receipt, and nothing finer. What a person part encrypts is
//
//	account, 16, zeros without a member · person secret, 32 · then, each after its length, 2: loyaltyId · operatorId ·
//	number of references of tenders, 2 · these, one a tender, empty where it has none; or no tender has one
//	zeros, up to a power of two of at least 128 bytes
//
// # Version 1: bodies that stand alone
//
// Older ledgers have these; they are read and no longer made. Both plaintexts are RFC 8785 JSON.
//
//	trade:  {"personKey": id of the person part's key, "" for the period's,
//	         "personLeaves": {"account": hex, "entryId": hex, "others": [hex, …], "redemptions": hex},
//	         "retailerId": …, "secret": hex of the trade secret,
//	         "ticket": the canonical ticket without loyaltyId, operatorId and references of tenders, "version": 1}
//	person: {"account": hex, "" without member, "loyaltyId": …, "operatorId": …, "secret": hex of the person secret,
//	         "tenderReferences": [… or null], "version": 1}        (members of the person part that are empty are left out)
//
//	0  version, 1
//	1  period, 4
//	5  length of the encrypted trade part, 4
//	9  encrypted trade part, then the encrypted person part up to the end
//
// An encrypted part is nonce (12, random) ‖ AES-256-GCM ciphertext with tag (16). Its key is
// HMAC-SHA256(part key, "tillproof/v1/seal/" ‖ "trade" or "person" ‖ ticket key); the additional data are the first 5 bytes of
// the body and the ticket key. What is encrypted is: length of the packed plaintext (4) ‖ packed plaintext ‖ zeros, up to a
// power of two of at least 256 bytes. Packing is DEFLATE with the same dictionary.
//
// Account, secrets and person leaves are those of package commitment.
package sealed
