package keyring

import (
	"fmt"
	"path/filepath"

	"github.com/tillproof/tillproof/domain/membercode"
)

// MemberCodes is the key of the codes that members show at tills. The query server has the same file, and makes it if it
// comes first.
func (k *Keyring) MemberCodes() (membercode.Key, error) {
	content, err := readOrCreate(filepath.Join(k.dir, membercode.KeyFile), len(membercode.Key{}))
	if err != nil {
		return membercode.Key{}, fmt.Errorf("key of member codes: %w", err)
	}
	return membercode.Key(content), nil
}
