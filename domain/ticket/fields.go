package ticket

import (
	"slices"
	"strings"
)

// fields are the members an object may have. The first required of them it
// must have.
type fields struct {
	names    []string
	required int
}

var (
	ticketFields = fields{required: 11, names: []string{
		"schemaVersion", "transactionId", "transactionType", "storeId", "workstationId", "sequenceNumber",
		"businessDayDate", "endDateTime", "currencyCode", "lineItems", "totals",
		"beginDateTime", "operatorId", "loyaltyId", "taxes", "tenders", "transactionLinks", "controlType",
	}}
	lineFields = fields{required: 4, names: []string{
		"sequenceNumber", "itemId", "quantity", "extendedAmount",
		"gtin", "description", "lot", "serialNumber", "unitOfMeasure", "unitPrice", "discounts", "tax", "returnOf",
	}}
	discountFields = fields{required: 1, names: []string{"amount", "promotionId", "reasonCode"}}
	taxFields      = fields{required: 4, names: []string{
		"categoryCode", "rateBasisPoints", "taxableAmount", "amount", "included",
	}}
	returnOfFields = fields{required: 1, names: []string{"transactionId", "sequenceNumber"}}
	totalsFields   = fields{required: 1, names: []string{"grand", "discount", "tax", "rounding"}}
	tenderFields   = fields{required: 2, names: []string{"tenderType", "amount", "reference"}}
	linkFields     = fields{required: 1, names: []string{"transactionId"}}
)

// index returns name's place, or -1.
func (f fields) index(name []byte) int {
	for i, known := range f.names {
		if string(name) == known {
			return i
		}
	}
	return -1
}

// given tells of which fields an object had, one bit each.
type given uint32

func (f fields) has(g given, name string) bool {
	return g&(1<<slices.Index(f.names, name)) != 0
}

// object reads an object, calling member before the value of each of its known
// fields; member must read that value.
func (r *reader) object(f fields, member func(name string)) given {
	if !r.expect('{') {
		return 0
	}
	var seen given
	r.token()
	for r.err == nil && r.json.PeekKind() != '}' {
		name := r.unquoted(r.raw())
		if r.err != nil {
			return 0
		}
		if i := f.index(name); i >= 0 {
			seen |= 1 << i
			member(f.names[i])
		} else {
			r.unknown(f, string(name))
		}
	}
	if r.err == nil {
		r.token()
	}
	for i, name := range f.names[:f.required] {
		if seen&(1<<i) == 0 {
			r.refuseAt(string(r.json.StackPointer())+"/"+name, "schema/required", "%s is missing", name)
		}
	}
	return seen
}

// unknown refuses a field by name, with what was probably meant.
func (r *reader) unknown(f fields, name string) {
	r.skip()
	pointer := string(r.json.StackPointer())
	if len(name) > 64 {
		pointer = string(r.json.StackPointer().Parent()) // the name is in the detail, shortened
	}
	if meant := nearest(f.names, name); meant != "" {
		r.refuseAt(pointer, "unknown-field", "there is no field %q; did you mean %q?", name, meant)
		return
	}
	r.refuseAt(pointer, "unknown-field", "there is no field %q here; leave it out", shorten(name))
}

// array reads an array of at most limit elements, calling element before each;
// element must read it.
func (r *reader) array(limit int, element func()) (count int) {
	if !r.expect('[') {
		return -1
	}
	r.token()
	for r.err == nil && r.json.PeekKind() != ']' {
		if count++; count > limit {
			r.skip()
		} else {
			element()
		}
	}
	if r.err == nil {
		r.token()
	}
	if count > limit {
		r.refuse("schema/max-items", "has %d elements; at most %d are allowed", count, limit)
	}
	return count
}

// nearest returns the name that wrong is a likely slip for, or nothing: the
// same letters in other case or with separators, or up to two letters off.
func nearest(names []string, wrong string) string {
	if len(wrong) > 40 {
		return ""
	}
	best, least := "", 3
	for _, name := range names {
		if plain(name) == plain(wrong) {
			return name
		}
		if d := distance(plain(name), plain(wrong)); d < least && d*3 <= len(name) {
			best, least = name, d
		}
	}
	return best
}

func plain(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(name))
}

// distance is Levenshtein's: how many letters to add, drop or change.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
