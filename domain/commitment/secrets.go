package commitment

import (
	"crypto/hmac"
	"crypto/sha256"
)

// Secrets are what a ticket's salts come from: Trade for the fields that concern the goods, Person for those that
// concern member and operator.
type Secrets struct {
	Trade, Person [32]byte
}

// Derive gives the secrets of a ticket from its random seed.
func Derive(seed [32]byte) Secrets {
	return Secrets{Trade: prf(seed[:], "tillproof/v1/trade"), Person: prf(seed[:], "tillproof/v1/person")}
}

// EntryID is the blind name of the ticket's points entry: only who has the person secret can join the two.
func EntryID(person [32]byte) [16]byte {
	full := prf(person[:], "tillproof/v1/entry")
	return [16]byte(full[:16])
}

func salt(secret [32]byte, name string) [32]byte { return prf(secret[:], "tillproof/v1/salt/"+name) }

func prf(key []byte, message string) [32]byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(message))
	return [32]byte(mac.Sum(nil))
}
