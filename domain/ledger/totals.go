package ledger

// Totals is what one transaction, or many together, changed of the programme's sums, each in points.
type Totals struct {
	Issued   int64 // earned, or given again by a void of a return
	Debited  int64 // taken back by returns and voids
	Held     int64 // kept aside by open holds; still outstanding
	Redeemed int64 // paid with, less what was given back
	Expired  int64
}

// Outstanding is what all accounts hold together, open holds included.
func (t Totals) Outstanding() int64 { return t.Issued - t.Debited - t.Redeemed - t.Expired }

// Add adds other totals.
func (t *Totals) Add(other Totals) {
	t.Issued += other.Issued
	t.Debited += other.Debited
	t.Held += other.Held
	t.Redeemed += other.Redeemed
	t.Expired += other.Expired
}

// Encode gives the totals' bytes on the ledger.
func (t Totals) Encode() []byte {
	value := make([]byte, 0, 41)
	value = append(value, Version)
	for _, sum := range []int64{t.Issued, t.Debited, t.Held, t.Redeemed, t.Expired} {
		value = appendInt64(value, sum)
	}
	return value
}

// DecodeTotals reads totals; no value at all means none.
func DecodeTotals(value []byte) (Totals, error) {
	if len(value) == 0 {
		return Totals{}, nil
	}
	r := newReader("totals", value)
	totals := Totals{Issued: r.int64(), Debited: r.int64(), Held: r.int64(), Redeemed: r.int64(), Expired: r.int64()}
	return totals, r.finish()
}
