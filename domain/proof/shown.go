package proof

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/tillproof/tillproof/domain/commitment"
)

// assemble puts what is shown into one object: a member a field, and the lines under "lines", with their number and what
// they return where the leaf lineItems is shown as well. It refuses leaves that contradict each other.
func assemble(leaves []commitment.PlacedLeaf) (jsontext.Value, error) {
	fields := make(map[string]jsontext.Value, len(leaves))
	var lines []commitment.Leaf
	for _, placed := range leaves {
		if placed.Label == commitment.LabelLine {
			lines = append(lines, placed.Leaf)
			continue
		}
		if _, twice := fields[placed.Label]; twice {
			return nil, fmt.Errorf("%q is shown twice", placed.Label)
		}
		fields[placed.Label] = placed.Value
	}
	if err := checkEligible(fields); err != nil {
		return nil, err
	}
	if lines != nil || fields["lineItems"] != nil {
		joined, err := joinLines(lines, fields["lineItems"])
		if err != nil {
			return nil, err
		}
		delete(fields, "lineItems")
		fields["lines"] = joined
	}
	return canonical(fields)
}

// checkEligible holds the amount that points were computed from against the ticket's own total.
func checkEligible(fields map[string]jsontext.Value) error {
	if fields["eligible"] == nil {
		return nil
	}
	var eligible struct {
		Amount       int64  `json:"amount"`
		CurrencyCode string `json:"currencyCode"`
	}
	var totals struct {
		Grand int64 `json:"grand"`
	}
	if err := json.Unmarshal(fields["eligible"], &eligible); err != nil {
		return errors.New("eligible is not an amount")
	}
	if value := fields["totals"]; value != nil {
		if err := json.Unmarshal(value, &totals); err != nil || totals.Grand != eligible.Amount {
			return errors.New("points were computed from another amount than the ticket's total")
		}
	}
	if value := fields["currencyCode"]; value != nil && string(value) != `"`+eligible.CurrencyCode+`"` {
		return errors.New("points were computed in another currency than the ticket's")
	}
	return nil
}

// An indexed line is one of the leaf lineItems.
type indexed struct {
	Leaf     hash           `json:"leaf"`
	ReturnOf jsontext.Value `json:"returnOf"`
	Number   int64          `json:"sequenceNumber"`
}

// joinLines gives the lines in the order of the leaf lineItems, a hidden one as null; without that leaf, as they come.
func joinLines(lines []commitment.Leaf, index jsontext.Value) (jsontext.Value, error) {
	joined := []jsontext.Value{}
	if index == nil {
		for _, line := range lines {
			joined = append(joined, line.Value)
		}
		return canonical(joined)
	}
	var items []indexed
	if err := json.Unmarshal(index, &items, json.RejectUnknownMembers(true)); err != nil {
		return nil, errors.New("lineItems is not a list of lines")
	}
	byHash := make(map[hash]jsontext.Value, len(lines))
	for _, line := range lines {
		byHash[line.Hash()] = line.Value
	}
	for _, item := range items {
		value := byHash[item.Leaf]
		if value == nil {
			joined = append(joined, jsontext.Value("null"))
			continue
		}
		delete(byHash, item.Leaf)
		whole, err := item.join(value)
		if err != nil {
			return nil, err
		}
		joined = append(joined, whole)
	}
	if len(byHash) > 0 {
		return nil, errors.New("a line is shown that lineItems does not name")
	}
	return canonical(joined)
}

// join adds to a line what its leaf leaves out.
func (i indexed) join(line jsontext.Value) (jsontext.Value, error) {
	var members map[string]jsontext.Value
	if err := json.Unmarshal(line, &members); err != nil {
		return nil, errors.New("a line is not an object")
	}
	number, err := json.Marshal(i.Number)
	if err != nil {
		return nil, err
	}
	members["sequenceNumber"] = number
	if i.ReturnOf != nil {
		members["returnOf"] = i.ReturnOf
	}
	return canonical(members)
}

func canonical(value any) (jsontext.Value, error) {
	encoded, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	text := jsontext.Value(bytes.Clone(encoded))
	return text, text.Canonicalize()
}
