// Package token signs and verifies access tokens: JWTs (RFC 7519) with EdDSA over Ed25519 (RFC 8037), good for 15 minutes.
//
//	header  {"alg":"EdDSA","kid":…,"typ":"JWT"}
//	claims  iss aud sub exp iat jti role sid, and storeIds | retailerId | manufacturerId | loyaltyId by the role
//
// The keys are files, KEYS_DIR/jwt/*.pem (PKCS #8). All of them verify; the last by name signs. To change keys, add a file
// with a later name and restart; remove the old one when its last token has expired.
package token
