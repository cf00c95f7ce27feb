package recorder

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tillproof/tillproof/collector/keyring"
	"github.com/tillproof/tillproof/collector/unsealed"
	"github.com/tillproof/tillproof/domain/ticket"
	"github.com/tillproof/tillproof/hotstate"
)

// BenchmarkSeal commits and encrypts batches of 500 tickets of ten lines, every second one a member's.
func BenchmarkSeal(b *testing.B) {
	const tickets, lines = 500, 10
	keys, err := keyring.Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	rows := make([]hotstate.TicketToRecord, tickets)
	for i := range rows {
		decoded, err := ticket.Decode([]byte(basket(i, lines)))
		if err != nil {
			b.Fatal(err)
		}
		rows[i] = hotstate.TicketToRecord{
			ID: int64(i), Key: [32]byte{byte(i), byte(i >> 8)}, RetailerID: "main", Seed: [32]byte{byte(i)}, Canonical: decoded.Canonical(),
		}
	}
	r := New(nil, nil, keys, DefaultConfig)
	r.Memory = unsealed.NewMemory()
	b.ReportAllocs()
	bytes := 0
	for b.Loop() {
		batch := r.commit(rows)
		if err := r.seal(&batch); err != nil || len(batch.submissions) != tickets {
			b.Fatal(err, batch.fault)
		}
		bytes = 0
		for _, lot := range batch.lots {
			bytes += len(lot)
		}
		for i := range batch.submissions {
			bytes += len(batch.submissions[i].Sealed)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*tickets), "µs/ticket")
	b.ReportMetric(float64(bytes)/tickets, "bytes/ticket")
}

func basket(n, lines int) string {
	var text strings.Builder
	member := ""
	if n%2 == 0 {
		member = fmt.Sprintf(`"loyaltyId":"member-%d",`, n%100)
	}
	fmt.Fprintf(&text, `{"schemaVersion":"1","transactionId":"018f3e6a-0000-7000-8000-%012d","transactionType":"Sale","storeId":"store-1",
		"workstationId":"%d","sequenceNumber":%d,"businessDayDate":"2026-03-01","endDateTime":"2026-03-01T10:15:00Z","operatorId":"op-%d",
		%s"currencyCode":"EUR","lineItems":[`, n, n%8, n+1, n%17, member)
	for line := range lines {
		if line > 0 {
			text.WriteByte(',')
		}
		fmt.Fprintf(&text, `{"sequenceNumber":%d,"itemId":"item-%d","description":"Article %d","quantity":"1","unitOfMeasure":"EA","extendedAmount":100}`,
			line+1, (n*7+line*31)%500, (n*7+line*31)%500)
	}
	fmt.Fprintf(&text, `],"totals":{"grand":%d},"tenders":[{"tenderType":"Card","amount":%d}]}`, 100*lines, 100*lines)
	return text.String()
}
