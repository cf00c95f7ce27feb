// Package token signs and verifies access tokens: JWTs (RFC 7519) with EdDSA over Ed25519 (RFC 8037), good for 15 minutes.
//
//	header  {"alg":"EdDSA","kid":…,"typ":"JWT"}
//	claims  iss aud sub exp iat jti role sid, and storeIds | retailerId | manufacturerId | loyaltyId by the role
//
// The keys are files, KEYS_DIR/jwt/*.pem (PKCS #8), and all of them verify. To change keys, add a file with a later name
// (openssl genpkey -algorithm ed25519): every server publishes it within half a minute, and signs with it ten minutes after
// it was written. Remove the old one a quarter of an hour later, when its last token has expired; nothing is restarted.
//
// Several servers share the folder. Beside the keys it holds the file secret, see Derive, which is kept when keys change.
package token
