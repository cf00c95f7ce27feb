// Package commitment binds a ticket to 32 bytes that say nothing of it, and lets any one field or line of it be shown
// later without the others.
//
// # The tree
//
// A commitment is the root of a complete binary Merkle tree whose leaves are
//
//	leaf = SHA-256(0x10 ‖ salt, 32 ‖ length of label, 2 ‖ label ‖ value)
//	node = SHA-256(0x11 ‖ left, 32 ‖ right, 32)
//
// 0x10 and 0x11 keep leaves, nodes and those of the log (RFC 6962 uses 0x00 and 0x01) from standing for one another.
// A value is RFC 8785 JSON. The labels are
//
//	account, entryId, eligible, businessDayDate,
//	reference, undoes, redemptions                what points are computed from; at positions 0 to 6. Position 7 is padding
//	retailerId                                    the retailer of the store
//	line                                          one leaf a line: the line without sequenceNumber and returnOf
//	lineItems                                     [{"leaf": hex of the line's leaf, "returnOf": …, "sequenceNumber": …}, …]
//	tenders                                       the tenders without their references
//	tenderReferences                              the references, null where a tender has none; absent if none has one
//	any other member of the canonical ticket      under its own name
//
// account is the hex of the member's pseudonym, "" without member; entryId the hex of the blind name of the points entry;
// eligible is {"amount": …, "currencyCode": …}, the amount that earns points. reference is the hex of a keyed hash of the
// ticket's own transaction id; undoes, [{"amount": …, "reference": …}, …], names in the same way each ticket that this one
// returns, in the order of their first appearance, with the sum of the lines returned, or with totals.grand if every line
// returns the one ticket; of a PostVoid it is [{"amount": totals.grand, "reference": …, "void": true}]. So a return can be
// held to its sale by who must not learn transaction ids. redemptions, [{"points": …, "redemptionId": …}, …], are the Points
// tenders that name a redemption (a UUID, in lower case).
//
// The leaves behind the first eight, and enough padding, are sorted by their hash. The number of leaves is the smallest
// power of two that holds them, at least 64. So neither the position of a shown line nor, up to some fifty lines, the
// length of its path tells anything of the basket.
//
// # Salts
//
// All of a ticket's salts come from one random seed of 32 bytes, so that a repeated submission has the same commitment:
//
//	trade secret  = HMAC-SHA256(seed, "tillproof/v1/trade")
//	person secret = HMAC-SHA256(seed, "tillproof/v1/person")
//	salt          = HMAC-SHA256(secret, "tillproof/v1/salt/" ‖ name)
//	padding       = HMAC-SHA256(trade secret, "tillproof/v1/pad/" ‖ decimal index), at position 7 the index is "-"
//	entry id      = first 16 bytes of HMAC-SHA256(person secret, "tillproof/v1/entry")
//
// name is the label, for a line "line/" and its sequence number. account, entryId, redemptions, loyaltyId, operatorId and
// tenderReferences are salted from the person secret: with it destroyed, nothing that remains can confirm a guess at the
// person, and the hashes of these leaves still let everything else be proven.
package commitment
