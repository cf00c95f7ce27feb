// Package sealed encrypts a ticket into the body that both organisations' peers keep: each peer is the other's copy of
// the ciphertext, and only the retailer's keys open it.
//
// # Two parts
//
// A body has a trade part, which says nothing of member or operator, and a person part with the rest. Each part has a
// key of its own: the trade part a key of the period (month) in which it was sealed, the person part a key of the member,
// or a period key where there is no member. With the member's key destroyed the person is gone from every copy, and the
// trade part still yields sales, commitment and proofs.
//
// Both plaintexts are RFC 8785 JSON.
//
//	trade:  {"personKey": id of the person part's key, "" for the period's,
//	         "personLeaves": {"account": hex, "entryId": hex, "others": [hex, …], "redemptions": hex},
//	         "retailerId": …, "secret": hex of the trade secret,
//	         "ticket": the canonical ticket without loyaltyId, operatorId and references of tenders, "version": 1}
//	person: {"account": hex, "" without member, "loyaltyId": …, "operatorId": …, "secret": hex of the person secret,
//	         "tenderReferences": [… or null], "version": 1}        (members of the person part that are empty are left out)
//
// Account, secrets and person leaves are those of package commitment.
//
// # Bytes
//
//	0  version, 1
//	1  period, 4: year × 12 + month − 1
//	5  length of the encrypted trade part, 4
//	9  encrypted trade part, then the encrypted person part up to the end
//
// An encrypted part is nonce (12, random) ‖ AES-256-GCM ciphertext with tag (16). Its key is
// HMAC-SHA256(part key, "tillproof/v1/seal/" ‖ "trade" or "person" ‖ ticket key), so that no key meets two tickets; the
// additional data are the first 5 bytes of the body and the ticket key, so that no part can be moved to another ticket.
//
// What is encrypted is: length of the packed plaintext (4) ‖ packed plaintext ‖ zeros, up to a power of two of at least
// 256 bytes. Packing is DEFLATE (RFC 1951) with the preset dictionary in dictionary.go, which belongs to the version. So
// the size of a body tells a factor of two of the length of the receipt, and nothing finer.
package sealed

// Version begins every sealed body.
const Version = 1
