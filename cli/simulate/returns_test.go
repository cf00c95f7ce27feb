package simulate

import (
	"fmt"
	"testing"
	"time"

	"github.com/tillproof/tillproof/domain/ticket"
)

// chainWithOneSale returns a chain whose only receipt is of one thing that keeps.
func chainWithOneSale(t *testing.T) (*chain, slot, time.Time) {
	t.Helper()
	options := winter(t.TempDir())
	c, err := newChain(options, 1)
	if err != nil {
		t.Fatal(err)
	}
	date := options.From
	noon := slot{end: at(date, 12*3600, c.place(&c.stores[0])).Unix()}
	sale := c.head(date, noon)
	sale.Type = ticket.Sale
	for i := range c.goods.products {
		if article := &c.goods.products[i]; !article.perishable && !article.deposit {
			sale.LineItems = []ticket.LineItem{c.soldLine(&c.stores[0], article, 1000, date)}
			break
		}
	}
	addUp(sale)
	c.tills[0][0].last = c.keep(sale, 0)
	later := noon
	later.end += 2 * 3600
	return c, later, date
}

// What is voided can neither be voided again nor brought back.
func TestVoidedSaleIsDone(t *testing.T) {
	c, later, date := chainWithOneSale(t)
	till := &c.tills[0][0]
	if !till.last.voidable(date) || c.receipt(later) == nil {
		t.Fatal("the sale can neither be voided nor brought back")
	}
	c.void(c.head(date, later), till)
	if till.last.voidable(date) || c.receipt(later) != nil {
		t.Error("a voided sale can be voided again or brought back")
	}
}

// What has come back can neither be voided nor come back again.
func TestReturnedSaleIsDone(t *testing.T) {
	c, later, date := chainWithOneSale(t)
	if !c.takeBack(c.head(date, later), later, &c.stores[0]) {
		t.Fatal("the sale cannot be brought back")
	}
	if c.tills[0][0].last.voidable(date) || c.takeBack(c.head(date, later), later, &c.stores[0]) {
		t.Error("a returned sale can be voided or brought back again")
	}
}

func TestNothingComesBackWithinTheHourOrTheNextDayIsVoided(t *testing.T) {
	c, later, date := chainWithOneSale(t)
	later.end -= 3600 + 1
	if c.receipt(later) != nil {
		t.Error("a sale comes back within the hour")
	}
	if c.tills[0][0].last.voidable(date.AddDate(0, 0, 1)) {
		t.Error("a sale is voided on another day")
	}
}

func TestReturnsAndVoidsFitTheirSales(t *testing.T) {
	options := winter(t.TempDir())
	options.Tickets = 20_000
	sales := map[string]*ticket.Ticket{}
	left := map[string]ticket.Quantity{} // by transaction and line
	paid := map[string]int64{}
	voids, linked, inSale := 0, 0, 0
	for _, made := range made(t, options) {
		if made.Type == ticket.PostVoid {
			voids++
			checkVoid(t, made, sales[made.VoidOf], left)
			continue
		}
		for _, line := range made.LineItems {
			if line.ReturnOf == nil {
				key := fmt.Sprint(made.TransactionID, line.SequenceNumber)
				left[key], paid[key] = line.Quantity, line.ExtendedAmount
				continue
			}
			linked++
			if made.Type == ticket.Sale {
				inSale++
			}
			key := fmt.Sprint(line.ReturnOf.TransactionID, line.ReturnOf.SequenceNumber)
			left[key] += line.Quantity
			paid[key] += line.ExtendedAmount
			if left[key] < 0 || paid[key] < 0 || left[key] == 0 && paid[key] != 0 {
				t.Errorf("line %s: %s pieces and %d cents are left of what was sold", key, left[key], paid[key])
			}
			sale := sales[line.ReturnOf.TransactionID]
			if sale == nil || sale.StoreID != made.StoreID {
				t.Errorf("%s returns what was not sold there before: %v", made.TransactionID, line.ReturnOf)
			} else if made.Type == ticket.Return && made.LoyaltyID != sale.LoyaltyID {
				t.Errorf("%s is another member's return", made.TransactionID)
			}
		}
		sales[made.TransactionID] = made
	}
	if voids < 10 || linked < 100 || inSale < 20 {
		t.Errorf("%d voids, %d linked lines, %d of them in sales", voids, linked, inSale)
	}
}

// checkVoid makes sure that the void and its sale add up to nothing, and that
// nothing of the sale can come back any more.
func checkVoid(t *testing.T, void, sale *ticket.Ticket, left map[string]ticket.Quantity) {
	t.Helper()
	if sale == nil || len(void.LineItems) != len(sale.LineItems) || void.Totals.Grand != -sale.Totals.Grand ||
		void.LoyaltyID != sale.LoyaltyID || len(void.Tenders) != len(sale.Tenders) {
		t.Fatalf("%s does not negate %v", void.TransactionID, sale)
	}
	for i, line := range void.LineItems {
		sold := sale.LineItems[i]
		if line.ItemID != sold.ItemID || line.Quantity != -sold.Quantity || line.ExtendedAmount != -sold.ExtendedAmount ||
			line.Tax.Amount != -sold.Tax.Amount {
			t.Errorf("%s line %d does not negate its sale's", void.TransactionID, i+1)
		}
		left[fmt.Sprint(sale.TransactionID, sold.SequenceNumber)] += line.Quantity
	}
}
