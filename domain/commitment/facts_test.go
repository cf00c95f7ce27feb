package commitment_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/tillproof/tillproof/domain/commitment"
)

func TestUndoes(t *testing.T) {
	const first, second = "018f3e6a-0000-7000-8000-000000000000", "018f3e6a-0000-7000-8000-00000000000f"
	lines := strings.NewReplacer(`"totals":{"grand":1200},"tenders"`, `"totals":{"grand":1050},"tenders"`, `"amount":200`, `"amount":50`,
		`"sequenceNumber":4}}]`, `"sequenceNumber":4}},
		{"sequenceNumber":5,"itemId":"C","quantity":"-1","extendedAmount":-50,"returnOf":{"transactionId":"`+second+`"}},
		{"sequenceNumber":6,"itemId":"C","quantity":"-1","extendedAmount":-60},
		{"sequenceNumber":7,"itemId":"C","quantity":"-2","extendedAmount":-40,"returnOf":{"transactionId":"`+first+`"}}]`).Replace(sale)
	got := commitment.Undoes(decode(t, lines), reference)
	want := []commitment.Undo{{Amount: -139, Reference: reference(first)}, {Amount: -50, Reference: reference(second)}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v: lines by the ticket they return, in order, and no others", got, want)
	}

	void := strings.NewReplacer(`"Sale"`, `"PostVoid","transactionLinks":[{"transactionId":"`+strings.ToUpper(second)+`"}]`).Replace(sale)
	got = commitment.Undoes(decode(t, void), reference)
	if want := []commitment.Undo{{Amount: 1200, Reference: reference(second), Void: true}}; !reflect.DeepEqual(got, want) {
		t.Errorf("a void: got %v, want %v", got, want)
	}
}

// Only the whole of a return says what it gives back of taxes and rounding.
func TestAReturnOfOneTicketUndoesItsTotal(t *testing.T) {
	const original = "018f3e6a-0000-7000-8000-000000000000"
	whole := decode(t, `{"schemaVersion":"1","transactionId":"018f3e6a-0000-7000-8000-000000000004","transactionType":"Return",
		"storeId":"1","workstationId":"2","sequenceNumber":7,"businessDayDate":"2026-03-01","endDateTime":"2026-03-01T10:15:00+01:00",
		"currencyCode":"USD","lineItems":[{"sequenceNumber":1,"itemId":"A","quantity":"-1","extendedAmount":-1000,
		"returnOf":{"transactionId":"`+original+`"}}],"taxes":[{"categoryCode":"S","rateBasisPoints":700,"taxableAmount":-1000,"amount":-70,
		"included":false}],"totals":{"grand":-1070}}`)
	got := commitment.Undoes(whole, reference)
	if want := []commitment.Undo{{Amount: -1070, Reference: reference(original)}}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestRedemptions(t *testing.T) {
	const id = "018F3E6A-0000-7000-8000-00000000000A"
	paid := strings.Replace(sale, `{"tenderType":"Card","amount":1000,"reference":"auth 55"}`,
		`{"tenderType":"Points","amount":900,"reference":"`+id+`"},{"tenderType":"Points","amount":50,"reference":"a note"},
		 {"tenderType":"Card","amount":50,"reference":"`+id+`"}`, 1)
	got := commitment.Redemptions(decode(t, paid))
	if want := []commitment.Redemption{{ID: strings.ToLower(id), Points: 900}}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v: tenders in points that name a redemption, and no others", got, want)
	}
}
