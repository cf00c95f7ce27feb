package ledger

import (
	"fmt"

	"github.com/tillproof/tillproof/domain/commitment"
)

// appendOriginals writes one original, or its absence, for each undo of an opening; none given means all are absent. Only
// of a voided ticket do the originals follow in turn: to undo a return, the chaincode needs the sale.
func appendOriginals(dst []byte, of *commitment.Opening, originals []*Original, nested bool) ([]byte, error) {
	if originals != nil && len(originals) != len(of.Undoes) {
		return nil, fmt.Errorf("%d originals for %d undoes", len(originals), len(of.Undoes))
	}
	for i := range of.Undoes {
		if originals == nil || originals[i] == nil {
			dst = append(dst, 0)
			continue
		}
		original := originals[i]
		dst = append(append(dst, 1), original.Key[:]...)
		var err error
		if dst, err = appendOpening(dst, original.Opening); err != nil {
			return nil, fmt.Errorf("original %d: %w", i, err)
		}
		if !nested || !of.Undoes[i].Void {
			continue
		}
		if dst, err = appendOriginals(dst, original.Opening, original.Originals, false); err != nil {
			return nil, fmt.Errorf("original %d: %w", i, err)
		}
	}
	return dst, nil
}

func readOriginals(r *reader, of *commitment.Opening, nested bool) []*Original {
	if len(of.Undoes) == 0 {
		return nil
	}
	originals := make([]*Original, len(of.Undoes))
	for i := range of.Undoes {
		if !r.mark("an original") {
			continue
		}
		original := new(Original)
		r.copy(original.Key[:])
		original.Opening = readOpening(r)
		if nested && of.Undoes[i].Void {
			original.Originals = readOriginals(r, original.Opening, false)
		}
		originals[i] = original
	}
	return originals
}

func appendConversion(dst []byte, c Conversion) ([]byte, error) {
	if c.Rate < 0 || len(c.Source) > MaxSource {
		return nil, fmt.Errorf("conversion: rate %d is negative, or its source is longer than %d bytes", c.Rate, MaxSource)
	}
	dst = appendInt64(dst, c.Rate)
	dst = append(dst, byte(len(c.Source)))
	return append(dst, c.Source...), nil
}

func readConversion(r *reader) Conversion {
	c := Conversion{Rate: r.int64()}
	if c.Rate < 0 {
		r.fail("a conversion rate of %d is negative", c.Rate)
	}
	c.Source = r.text(r.count("bytes of a source", int(r.uint8()), MaxSource))
	for _, letter := range []byte(c.Source) {
		if letter < ' ' || letter > '~' {
			r.fail("the source of a conversion is not ASCII")
		}
	}
	return c
}
