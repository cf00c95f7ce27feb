package ticket

// Canonical returns the canonical bytes of t.
func (t *Ticket) Canonical() []byte { return t.AppendCanonical(nil) }

// AppendCanonical appends the canonical bytes of t to dst.
func (t *Ticket) AppendCanonical(dst []byte) []byte { return dst }
