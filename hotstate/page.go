package hotstate

// Page asks for a part of a list, in the order of its key.
type Page struct {
	Search string   // a part of an id or name, whatever the case; empty: all
	After  []string // the key of the last row already seen; nil: from the start
	Limit  int
}

// after gives the key's i-th column, or ”, which is before every id.
func (p Page) after(i int) string {
	if i < len(p.After) {
		return p.After[i]
	}
	return ""
}
