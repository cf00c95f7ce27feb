package keyring

import (
	"fmt"
	"path/filepath"

	"github.com/tillproof/tillproof/domain/sealed"
)

// A Period has the sealing keys of a month: of trade parts, and of person parts that belong to no member.
type Period struct {
	Trade, Person sealed.Key
}

// Period gives the keys of a month to seal with, and makes them the first time.
func (k *Keyring) Period(p sealed.Period) (Period, error) { return k.period(p, readOrCreate) }

// PeriodToOpen gives the keys of a month in which something was sealed. If they are not there they are lost, and new ones
// would open nothing.
func (k *Keyring) PeriodToOpen(p sealed.Period) (Period, error) { return k.period(p, readKey) }

func (k *Keyring) period(p sealed.Period, read func(path string, size int) ([]byte, error)) (Period, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if keys, cached := k.periods[p]; cached {
		return keys, nil
	}
	content, err := read(filepath.Join(k.dir, "periods", p.String()), 64)
	if err != nil {
		return Period{}, fmt.Errorf("sealing keys of %s: %w", p, err)
	}
	keys := Period{Trade: sealed.Key(content[:32]), Person: sealed.Key(content[32:])}
	k.periods[p] = keys
	return keys, nil
}
