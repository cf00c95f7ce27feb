package ledger

import (
	"encoding/binary"
	"fmt"

	"github.com/tillproof/tillproof/domain/commitment"
)

// Bounds of an opening: a ticket has at most 5,000 lines, each of which may undo another ticket, and 50 tenders.
const (
	maxUndoes      = 5000
	maxRedemptions = 50
	maxSiblings    = 30
	uuidLength     = 36
)

func appendOpening(dst []byte, o *commitment.Opening) ([]byte, error) {
	if err := checkOpening(o); err != nil {
		return nil, err
	}
	dst = append(dst, o.Account[:]...)
	dst = append(dst, o.EntryID[:]...)
	dst = appendInt64(dst, o.Eligible)
	dst = append(dst, o.Currency...)
	dst = append(dst, o.BusinessDay...)
	dst = append(dst, o.Reference[:]...)
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(o.Undoes)))
	for i := range o.Undoes {
		dst = appendInt64(dst, o.Undoes[i].Amount)
		dst = append(dst, o.Undoes[i].Reference[:]...)
		if o.Undoes[i].Void {
			dst = append(dst, 1)
		} else {
			dst = append(dst, 0)
		}
	}
	dst = append(dst, byte(len(o.Redemptions)))
	for i := range o.Redemptions {
		dst = append(dst, o.Redemptions[i].ID...)
		dst = appendInt64(dst, o.Redemptions[i].Points)
	}
	for i := range o.Salts {
		dst = append(dst, o.Salts[i][:]...)
	}
	dst = append(dst, o.Reserved[:]...)
	dst = append(dst, byte(len(o.Siblings)))
	for i := range o.Siblings {
		dst = append(dst, o.Siblings[i][:]...)
	}
	return dst, nil
}

func checkOpening(o *commitment.Opening) error {
	if len(o.Currency) != 3 || len(o.BusinessDay) != 10 {
		return fmt.Errorf("opening: currency %q or business day %q has not its length", o.Currency, o.BusinessDay)
	}
	if len(o.Undoes) > maxUndoes || len(o.Redemptions) > maxRedemptions || len(o.Siblings) > maxSiblings {
		return fmt.Errorf("opening: %d undoes, %d redemptions or %d siblings are too many",
			len(o.Undoes), len(o.Redemptions), len(o.Siblings))
	}
	for _, redemption := range o.Redemptions {
		if len(redemption.ID) != uuidLength {
			return fmt.Errorf("opening: redemption id of %d characters, want %d", len(redemption.ID), uuidLength)
		}
	}
	return nil
}

func readOpening(r *reader) *commitment.Opening {
	o := new(commitment.Opening)
	r.copy(o.Account[:])
	r.copy(o.EntryID[:])
	o.Eligible = r.int64()
	o.Currency, o.BusinessDay = r.text(3), r.text(10)
	r.copy(o.Reference[:])
	for range r.count("undoes", int(r.uint16()), maxUndoes) {
		undo := commitment.Undo{Amount: r.int64()}
		r.copy(undo.Reference[:])
		undo.Void = r.mark("a void")
		o.Undoes = append(o.Undoes, undo)
	}
	for range r.count("redemptions", int(r.uint8()), maxRedemptions) {
		o.Redemptions = append(o.Redemptions, commitment.Redemption{ID: r.text(uuidLength), Points: r.int64()})
	}
	for i := range o.Salts {
		r.copy(o.Salts[i][:])
	}
	r.copy(o.Reserved[:])
	for range r.count("siblings", int(r.uint8()), maxSiblings) {
		var sibling [32]byte
		r.copy(sibling[:])
		o.Siblings = append(o.Siblings, sibling)
	}
	return o
}
