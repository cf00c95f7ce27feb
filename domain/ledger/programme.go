package ledger

import (
	"encoding/binary"
	"fmt"

	"github.com/tillproof/tillproof/domain/points"
)

// EncodeProgramme gives the bytes of a points programme on the ledger.
func EncodeProgramme(programme points.Programme) ([]byte, error) {
	value := []byte{Version}
	value = binary.BigEndian.AppendUint16(value, uint16(len(programme)))
	for _, rule := range programme {
		if len(rule.EffectiveFrom) != 10 {
			return nil, fmt.Errorf("programme: rule %d: effective date %q is not YYYY-MM-DD", rule.Version, rule.EffectiveFrom)
		}
		value = binary.BigEndian.AppendUint32(value, rule.Version)
		value = append(value, rule.EffectiveFrom...)
		value = binary.BigEndian.AppendUint32(value, rule.RateBasisPoints)
	}
	return value, nil
}

// DecodeProgramme reads a points programme; no value at all means the default one.
func DecodeProgramme(value []byte) (points.Programme, error) {
	if len(value) == 0 {
		return points.Default, nil
	}
	r := newReader("programme", value)
	programme := make(points.Programme, 0, 4)
	for range r.uint16() {
		programme = append(programme, points.Rule{
			Version: r.uint32(), EffectiveFrom: r.text(10), RateBasisPoints: r.uint32(),
		})
		if r.err != nil {
			break
		}
	}
	return programme, r.finish()
}
