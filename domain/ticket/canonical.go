package ticket

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// Canonical returns the canonical bytes of t, which must be as Decode returns
// it: two tickets have the same content if and only if these are equal.
func (t *Ticket) Canonical() []byte {
	return t.AppendCanonical(make([]byte, 0, 512+192*len(t.LineItems)))
}

// AppendCanonical appends the canonical bytes of t to dst. The members below
// stand in the order of RFC 8785, which for ASCII names is the alphabet's.
func (t *Ticket) AppendCanonical(dst []byte) []byte {
	w := writer{dst}
	w.open('{')
	w.text("beginDateTime", string(t.BeginDateTime))
	w.text("businessDayDate", string(t.BusinessDayDate))
	w.text("controlType", string(t.ControlType))
	w.text("currencyCode", t.CurrencyCode)
	w.text("endDateTime", string(t.EndDateTime))
	w.name("lineItems") // required, so written even when empty
	array(&w, t.LineItems, (*writer).line)
	w.text("loyaltyId", t.LoyaltyID)
	w.text("operatorId", t.OperatorID)
	w.text("schemaVersion", SchemaVersion)
	w.integer("sequenceNumber", t.SequenceNumber)
	w.text("storeId", t.StoreID)
	optionalArray(&w, "taxes", t.Taxes, (*writer).tax)
	optionalArray(&w, "tenders", t.Tenders, (*writer).tender)
	w.name("totals")
	w.totals(&t.Totals)
	w.text("transactionId", t.TransactionID)
	if t.VoidOf != "" {
		w.name("transactionLinks")
		w.open('[')
		w.open('{')
		w.text("transactionId", t.VoidOf)
		w.close('}')
		w.close(']')
	}
	w.text("transactionType", string(t.Type))
	w.text("workstationId", t.WorkstationID)
	w.close('}')
	return w.out[:len(w.out)-1] // without the comma
}

// writer appends JSON without white space. What is empty or absent it leaves
// out.
type writer struct {
	out []byte
}

func (w *writer) line(line *LineItem) {
	w.open('{')
	w.text("description", line.Description)
	optionalArray(w, "discounts", line.Discounts, (*writer).discount)
	w.integer("extendedAmount", line.ExtendedAmount)
	w.text("gtin", line.GTIN)
	w.text("itemId", line.ItemID)
	w.text("lot", line.Lot)
	w.decimal("quantity", int64(line.Quantity), 3)
	if line.ReturnOf != nil {
		w.name("returnOf")
		w.returnOf(line.ReturnOf)
	}
	w.integer("sequenceNumber", line.SequenceNumber)
	w.text("serialNumber", line.SerialNumber)
	if line.Tax != nil {
		w.name("tax")
		w.tax(line.Tax)
	}
	w.text("unitOfMeasure", line.UnitOfMeasure)
	if line.UnitPrice.Present {
		w.decimal("unitPrice", int64(line.UnitPrice.Value), 5)
	}
	w.close('}')
}

func (w *writer) discount(discount *Discount) {
	w.open('{')
	w.integer("amount", discount.Amount)
	w.text("promotionId", discount.PromotionID)
	w.text("reasonCode", discount.ReasonCode)
	w.close('}')
}

func (w *writer) returnOf(original *ReturnOf) {
	w.open('{')
	if original.SequenceNumber != 0 {
		w.integer("sequenceNumber", original.SequenceNumber)
	}
	w.text("transactionId", original.TransactionID)
	w.close('}')
}

func (w *writer) tax(tax *Tax) {
	w.open('{')
	w.integer("amount", tax.Amount)
	w.name("categoryCode") // required, and may be empty
	w.quote(tax.CategoryCode)
	if !tax.Included {
		w.name("included")
		w.out = append(w.out, "false,"...)
	}
	w.integer("rateBasisPoints", tax.RateBasisPoints)
	w.integer("taxableAmount", tax.TaxableAmount)
	w.close('}')
}

func (w *writer) tender(tender *Tender) {
	w.open('{')
	w.integer("amount", tender.Amount)
	w.text("reference", tender.Reference)
	w.text("tenderType", string(tender.Type))
	w.close('}')
}

func (w *writer) totals(totals *Totals) {
	w.open('{')
	w.optional("discount", totals.Discount)
	w.integer("grand", totals.Grand)
	w.optional("rounding", totals.Rounding)
	w.optional("tax", totals.Tax)
	w.close('}')
}

// Every value leaves a comma behind; close takes the last one back.

func (w *writer) open(bracket byte) { w.out = append(w.out, bracket) }

func (w *writer) close(bracket byte) {
	if last := len(w.out) - 1; w.out[last] == ',' {
		w.out = w.out[:last]
	}
	w.out = append(w.out, bracket)
	w.out = append(w.out, ',')
}

func (w *writer) name(name string) {
	w.out = append(w.out, '"')
	w.out = append(w.out, name...)
	w.out = append(w.out, `":`...)
}

func (w *writer) text(name, value string) {
	if value != "" {
		w.name(name)
		w.quote(value)
	}
}

// quote escapes as RFC 8785 has it: the shortest way, and only what must be.
func (w *writer) quote(value string) {
	if isPlain(value) {
		w.out = append(w.out, '"')
		w.out = append(w.out, value...)
		w.out = append(w.out, `",`...)
		return
	}
	w.out, _ = jsontext.AppendQuote(w.out, value) // fails of invalid UTF-8 only, which Decode refuses
	w.out = append(w.out, ',')
}

func isPlain(text string) bool {
	for i := range len(text) {
		if b := text[i]; b < ' ' || b > '~' || b == '"' || b == '\\' {
			return false
		}
	}
	return true
}

func (w *writer) integer(name string, value int64) {
	w.name(name)
	w.out = strconv.AppendInt(w.out, value, 10)
	w.out = append(w.out, ',')
}

func (w *writer) optional(name string, value Optional[int64]) {
	if value.Present {
		w.integer(name, value.Value)
	}
}

func (w *writer) decimal(name string, value int64, places int) {
	w.name(name)
	w.out = append(w.out, '"')
	w.out = appendDecimal(w.out, value, places)
	w.out = append(w.out, `",`...)
}

func array[T any](w *writer, elements []T, write func(*writer, *T)) {
	w.open('[')
	for i := range elements {
		write(w, &elements[i])
	}
	w.close(']')
}

func optionalArray[T any](w *writer, name string, elements []T, write func(*writer, *T)) {
	if len(elements) > 0 {
		w.name(name)
		array(w, elements, write)
	}
}
