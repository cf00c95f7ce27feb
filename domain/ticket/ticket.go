package ticket

// Limits of one ticket. Whatever exceeds them is refused before it costs
// anything.
const (
	// SchemaVersion is the version of the ticket format this package reads.
	SchemaVersion = "1"
	// MaxBytes bounds the JSON text of a ticket.
	MaxBytes = 1 << 20
	// MaxLines bounds the line items of a ticket.
	MaxLines = 5000
	// MaxInteger is the largest magnitude of any number: 53 bits, so that
	// every JSON reader sees the same one.
	MaxInteger = 1<<53 - 1
)

// Type says what kind of transaction a ticket records.
type Type string

// The transaction types.
const (
	Sale     Type = "Sale"
	Return   Type = "Return"
	PostVoid Type = "PostVoid"
	Control  Type = "Control"
)

// ControlType says what a Control ticket used its sequence number for.
type ControlType string

// The control types.
const (
	NoSale       ControlType = "NoSale"
	Training     ControlType = "Training"
	Cancelled    ControlType = "Cancelled"
	Open         ControlType = "Open"
	Close        ControlType = "Close"
	OtherControl ControlType = "Other"
)

// TenderType is a means of payment.
type TenderType string

// The tender types.
const (
	Cash        TenderType = "Cash"
	Card        TenderType = "Card"
	Voucher     TenderType = "Voucher"
	Points      TenderType = "Points"
	Crypto      TenderType = "Crypto"
	OtherTender TenderType = "Other"
)

// Optional is a number that need not be given, where "not given" and zero are
// different content.
type Optional[T ~int64] struct {
	Value   T
	Present bool
}

// Some returns a given number.
func Some[T ~int64](value T) Optional[T] { return Optional[T]{value, true} }

// Ticket is one normalised till transaction. Amounts are whole minor units of
// CurrencyCode. Optional texts are empty, and optional lists nil, when absent.
type Ticket struct {
	TransactionID   string // UUID, lower case
	Type            Type
	StoreID         string
	WorkstationID   string
	SequenceNumber  int64
	BusinessDayDate Date
	BeginDateTime   DateTime // optional
	EndDateTime     DateTime
	OperatorID      string // optional
	CurrencyCode    string
	LoyaltyID       string // optional
	LineItems       []LineItem
	Taxes           []Tax
	Totals          Totals
	Tenders         []Tender
	VoidOf          string      // the transaction a PostVoid undoes; else empty
	ControlType     ControlType // of a Control; else empty
}

// LineItem is one line of goods or services. What comes back has a negative
// quantity.
type LineItem struct {
	SequenceNumber int64
	ItemID         string
	GTIN           string // 14 digits; optional
	Description    string // optional, as are the next two
	Lot            string
	SerialNumber   string
	Quantity       Quantity
	UnitOfMeasure  string // optional
	UnitPrice      Optional[UnitPrice]
	ExtendedAmount int64
	Discounts      []Discount
	Tax            *Tax
	ReturnOf       *ReturnOf
}

// Discount is a reduction already contained in its line's ExtendedAmount.
type Discount struct {
	PromotionID string // optional
	ReasonCode  string // optional
	Amount      int64  // never negative
}

// Tax is a tax amount. An included one is already part of the line amounts.
type Tax struct {
	CategoryCode    string
	RateBasisPoints int64
	TaxableAmount   int64
	Amount          int64
	Included        bool
}

// ReturnOf names what a returned line was sold by.
type ReturnOf struct {
	TransactionID  string
	SequenceNumber int64 // of the line; 0 when not known
}

// Totals are the sums printed on the ticket.
type Totals struct {
	Grand    int64
	Discount Optional[int64]
	Tax      Optional[int64]
	Rounding Optional[int64]
}

// Tender is one payment. Change given is negative Cash.
type Tender struct {
	Type      TenderType
	Amount    int64
	Reference string // optional; for Points the redemption's id
}
