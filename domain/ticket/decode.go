package ticket

// Decode reads one ticket, holds it against the schema and normalises it. The
// error is a *SyntaxError where data is not proper JSON, which says nothing of
// the rest, else an *Invalid with everything found. What the schema cannot say
// is left to Check.
func Decode(data []byte) (*Ticket, error) {
	if len(data) > MaxBytes {
		return nil, &SyntaxError{Offset: MaxBytes, Err: ErrTooLarge}
	}
	r := newReader(data)
	defer r.release()
	t := &Ticket{}
	r.ticket(t)
	r.finish()
	if r.err != nil {
		return nil, r.err
	}
	if len(r.problems) > 0 {
		return nil, &Invalid{Problems: r.problems}
	}
	return t, nil
}

func (r *reader) ticket(t *Ticket) {
	lines := -1
	seen := r.object(ticketFields, func(name string) {
		switch name {
		case "schemaVersion":
			choice(r, SchemaVersion)
		case "transactionId":
			t.TransactionID = r.uuid()
		case "transactionType":
			t.Type = choice(r, Sale, Return, PostVoid, Control)
		case "storeId":
			t.StoreID = r.id()
		case "workstationId":
			t.WorkstationID = r.id()
		case "sequenceNumber":
			t.SequenceNumber = r.integer(1, MaxInteger)
		case "businessDayDate":
			t.BusinessDayDate = r.date()
		case "beginDateTime":
			t.BeginDateTime = r.dateTime()
		case "endDateTime":
			t.EndDateTime = r.dateTime()
		case "operatorId":
			t.OperatorID = r.id()
		case "currencyCode":
			t.CurrencyCode = r.currency()
		case "loyaltyId":
			t.LoyaltyID = r.id()
		case "lineItems":
			lines = list(r, &r.lines, MaxLines, r.line)
			t.LineItems = append(t.LineItems, r.lines...)
			clear(r.lines)
			r.lines = r.lines[:0]
		case "taxes":
			list(r, &t.Taxes, 50, r.tax)
		case "totals":
			r.totals(&t.Totals)
		case "tenders":
			list(r, &t.Tenders, 50, r.tender)
		case "transactionLinks":
			r.links(t)
		case "controlType":
			t.ControlType = choice(r, NoSale, Training, Cancelled, Open, Close, OtherControl)
		}
	})
	r.fitsType(t, seen, lines)
}

// fitsType holds the fields given against the transaction type. lines is -1
// where lineItems was no list.
func (r *reader) fitsType(t *Ticket, seen given, lines int) {
	if t.Type == "" {
		return // missing or unknown, and noted as such
	}
	control := t.Type == Control
	r.require(seen, "transactionLinks", t.Type == PostVoid, "names the one ticket a PostVoid undoes")
	r.require(seen, "controlType", control, "says what a Control used its number for")
	if !control {
		if lines == 0 {
			r.refuseAt("/lineItems", "schema/min-items", "is empty; a %s has at least one line", t.Type)
		}
		return
	}
	if lines > 0 {
		r.refuseAt("/lineItems", "schema/max-items", "has %d lines; a Control has none", lines)
	}
	if t.Totals.Grand != 0 {
		r.refuseAt("/totals/grand", "schema/const", "is %d; a Control moves no money", t.Totals.Grand)
	}
	for _, name := range []string{"loyaltyId", "tenders"} {
		if ticketFields.has(seen, name) {
			r.refuseAt("/"+name, "schema/not-allowed", "a Control has no %s; leave it out", name)
		}
	}
}

// require refuses a field that is needed and missing, or given and not needed.
func (r *reader) require(seen given, name string, needed bool, purpose string) {
	switch present := ticketFields.has(seen, name); {
	case needed && !present:
		r.refuseAt("/"+name, "schema/required", "%s is missing; it %s", name, purpose)
	case present && !needed:
		r.refuseAt("/"+name, "schema/not-allowed", "is not for this transaction type: it %s; leave it out", purpose)
	}
}

func (r *reader) line(line *LineItem) {
	r.object(lineFields, func(name string) {
		switch name {
		case "sequenceNumber":
			line.SequenceNumber = r.integer(1, MaxInteger)
		case "itemId":
			line.ItemID = r.id()
		case "gtin":
			line.GTIN = r.gtin()
		case "description":
			line.Description = r.text(256)
		case "lot":
			line.Lot = r.text(20)
		case "serialNumber":
			line.SerialNumber = r.text(20)
		case "quantity":
			line.Quantity = r.quantity()
		case "unitOfMeasure":
			line.UnitOfMeasure = r.text(8)
		case "unitPrice":
			line.UnitPrice = r.unitPrice()
		case "extendedAmount":
			line.ExtendedAmount = r.minor()
		case "discounts":
			list(r, &line.Discounts, 100, r.discount)
		case "tax":
			line.Tax = &Tax{}
			r.tax(line.Tax)
		case "returnOf":
			line.ReturnOf = &ReturnOf{}
			r.returnOf(line.ReturnOf)
		}
	})
}

func (r *reader) discount(discount *Discount) {
	r.object(discountFields, func(name string) {
		switch name {
		case "amount":
			discount.Amount = r.integer(0, MaxInteger)
		case "promotionId":
			discount.PromotionID = r.id()
		case "reasonCode":
			discount.ReasonCode = r.id()
		}
	})
}

func (r *reader) tax(tax *Tax) {
	tax.Included = true
	r.object(taxFields, func(name string) {
		switch name {
		case "categoryCode":
			tax.CategoryCode = r.text(4)
		case "rateBasisPoints":
			tax.RateBasisPoints = r.integer(0, 100000)
		case "taxableAmount":
			tax.TaxableAmount = r.minor()
		case "amount":
			tax.Amount = r.minor()
		case "included":
			tax.Included = r.boolean()
		}
	})
}

func (r *reader) returnOf(original *ReturnOf) {
	r.object(returnOfFields, func(name string) {
		switch name {
		case "transactionId":
			original.TransactionID = r.uuid()
		case "sequenceNumber":
			original.SequenceNumber = r.integer(1, MaxInteger)
		}
	})
}

func (r *reader) totals(totals *Totals) {
	r.object(totalsFields, func(name string) {
		switch name {
		case "grand":
			totals.Grand = r.minor()
		case "discount":
			totals.Discount = Some(r.minor())
		case "tax":
			totals.Tax = Some(r.minor())
		case "rounding":
			totals.Rounding = Some(r.integer(-1000, 1000))
		}
	})
}

func (r *reader) tender(tender *Tender) {
	r.object(tenderFields, func(name string) {
		switch name {
		case "tenderType":
			tender.Type = choice(r, Cash, Card, Voucher, Points, Crypto, OtherTender)
		case "amount":
			tender.Amount = r.minor()
		case "reference":
			tender.Reference = r.text(128)
		}
	})
}

// links reads transactionLinks, a list of exactly one.
func (r *reader) links(t *Ticket) {
	count := r.array(1, func() {
		r.object(linkFields, func(string) { t.VoidOf = r.uuid() })
	})
	if count == 0 {
		r.refuse("schema/min-items", "is empty; it names one ticket")
	}
}

// list reads an array of at most limit elements into elements. An empty one
// leaves it nil. It returns the number of elements, or -1 of no array.
func list[T any](r *reader, elements *[]T, limit int, element func(*T)) int {
	return r.array(limit, func() {
		var zero T
		*elements = append(*elements, zero)
		element(&(*elements)[len(*elements)-1])
	})
}
