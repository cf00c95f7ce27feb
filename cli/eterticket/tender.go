package eterticket

import (
	"strings"

	"github.com/tillproof/tillproof/domain/ticket"
)

// tenderTypes are the kinds of payment that have a counterpart, in lower case.
// CCliente, the customer's account with the shop, has none.
var tenderTypes = map[string]ticket.TenderType{
	"efectivo": ticket.Cash,
	"tarjeta":  ticket.Card, "tcredito": ticket.Card, "tdebito": ticket.Card,
	"credito": ticket.Card, "debito": ticket.Card,
	"vale": ticket.Voucher, "vales": ticket.Voucher,
}

// tenders says how the total was paid, as far as the payments tell.
func tenders(payments []payment, total int64) []ticket.Tender {
	if len(payments) != 1 {
		return nil
	}
	kind := payments[0].kind()
	paid := ticket.Tender{Type: tenderTypes[strings.ToLower(kind)], Amount: total}
	if paid.Type == "" {
		paid.Type, paid.Reference = ticket.OtherTender, kind
	}
	return []ticket.Tender{paid}
}
