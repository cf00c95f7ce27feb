package bench

import (
	"crypto/rand"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

const (
	lines    = 10
	products = 500
	members  = 500 // every second ticket belongs to one of them
	tills    = 8
)

// A workload makes tickets that are all alike and all different: another number, other products, another member each.
type workload struct {
	store  string
	day    string
	time   string
	number atomic.Int64
}

func newWorkload() *workload {
	now := time.Now().UTC()
	return &workload{
		store: "bench-" + strings.ToLower(rand.Text()[:8]),
		day:   now.Format(time.DateOnly),
		time:  now.Format(time.RFC3339),
	}
}

// next makes a ticket. It may be called by several at once.
func (w *workload) next() []byte { return w.ofLines(lines) }

func (w *workload) ofLines(count int64) []byte {
	n := w.number.Add(1)
	var text strings.Builder
	fmt.Fprintf(&text, `{"schemaVersion":"1","transactionId":%q,"transactionType":"Sale","storeId":%q,"workstationId":"%d",`+
		`"sequenceNumber":%d,"businessDayDate":%q,"endDateTime":%q,"operatorId":"op-%d","currencyCode":"EUR",`,
		uuid.NewString(), w.store, n%tills+1, n/tills+1, w.day, w.time, n%17)
	if n%2 == 0 {
		fmt.Fprintf(&text, `"loyaltyId":"bench-member-%d",`, n/2%members)
	}
	text.WriteString(`"lineItems":[`)
	total := int64(0)
	for line := range count {
		if line > 0 {
			text.WriteByte(',')
		}
		product := (n*7 + line*31) % products
		amount := 99 + product*3
		total += amount
		fmt.Fprintf(&text, `{"sequenceNumber":%d,"itemId":"bench-item-%d","description":"Bench article %d","quantity":"1",`+
			`"unitOfMeasure":"EA","extendedAmount":%d}`, line+1, product, product, amount)
	}
	fmt.Fprintf(&text, `],"totals":{"grand":%d},"tenders":[{"tenderType":"Card","amount":%d}]}`, total, total)
	return []byte(text.String())
}

func (w *workload) many(n int) [][]byte {
	tickets := make([][]byte, n)
	for i := range tickets {
		tickets[i] = w.next()
	}
	return tickets
}
