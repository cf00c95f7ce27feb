package token

import "encoding/base64"

// A JWKS is a JSON Web Key Set (RFC 7517): what others verify our tokens with.
type JWKS struct {
	Keys []JWK `json:"keys"`
}

// A JWK is one public key.
type JWK struct {
	KeyType   string `json:"kty"`
	Curve     string `json:"crv"`
	X         string `json:"x"`
	KeyID     string `json:"kid"`
	Algorithm string `json:"alg"`
	Use       string `json:"use"`
}

// JWKS gives the public keys, oldest first.
func (k *Keys) JWKS() JWKS {
	k.mu.RLock()
	defer k.mu.RUnlock()
	set := JWKS{Keys: make([]JWK, len(k.order))}
	for i, kid := range k.order {
		set.Keys[i] = JWK{
			KeyType:   "OKP",
			Curve:     "Ed25519",
			X:         base64.RawURLEncoding.EncodeToString(k.public[kid]),
			KeyID:     kid,
			Algorithm: "EdDSA",
			Use:       "sig",
		}
	}
	return set
}
