package projector_test

import (
	"errors"
	"testing"

	"github.com/tillproof/tillproof/collector/keyring"
	"github.com/tillproof/tillproof/collector/ledgertest"
	"github.com/tillproof/tillproof/collector/projector"
	"github.com/tillproof/tillproof/collector/unsealed"
	"github.com/tillproof/tillproof/domain/sealed"
)

// unopened are keys that open no body: what is shown all the same was remembered.
type unopened struct{ projector.Keys }

func (unopened) PeriodToOpen(sealed.Period) (keyring.Period, error) {
	return keyring.Period{}, errors.New("to open a body was not needed")
}

// What was sealed in this process gives the same rows, to the byte, as what is opened.
func TestRememberedBodies(t *testing.T) {
	t.Parallel()
	shop, l, memory := ledgertest.Open(t), ledgertest.New(), unsealed.NewMemory()
	sales := ledgertest.Sales(30)
	sales[3].Member, sales[4].Member = "member 3", "member 4"
	recordRemembering(t, shop, l, memory, 10, sales...)

	p := projector.New(shop.Collector, l, unopened{shop.Keys})
	p.Memory = memory
	stop := run(t, p)
	projected(t, shop, l)
	stop()
	remembered := wholeView(t, shop)

	clearView(t, shop, l)
	start(t, shop.Collector, l, shop.Keys)
	projected(t, shop, l)
	if opened := wholeView(t, shop); opened != remembered {
		t.Errorf("remembered\n%s\nopened\n%s", remembered, opened)
	}
	want(t, shop, "30", "select count(*) from view.tickets")
	want(t, shop, "2", "select count(*) from view.tickets where loyalty_id like 'member _'")
}

// Bytes on the ledger that are not those that were sealed here are not taken for them.
func TestOtherBytesAreNotRemembered(t *testing.T) {
	t.Parallel()
	shop, l, memory := ledgertest.Open(t), ledgertest.New(), unsealed.NewMemory()
	l.Forge = forgePerson(func(sealed []byte) []byte { sealed[len(sealed)-1] ^= 1; return sealed })
	recordRemembering(t, shop, l, memory, 10, ledgertest.Sales(10)...)
	p := projector.New(shop.Collector, l, shop.Keys)
	p.Memory = memory
	run(t, p)
	projected(t, shop, l)
	want(t, shop, "1", "select count(*) from view.tickets where person is null")
}

// Who was forgotten between sealing and projecting is not shown, though the body is remembered.
func TestForgottenWhileRemembered(t *testing.T) {
	t.Parallel()
	shop, l, memory := ledgertest.Open(t), ledgertest.New(), unsealed.NewMemory()
	sale := ledgertest.Sales(1)
	sale[0].Member = "member 1"
	recordRemembering(t, shop, l, memory, 1, sale...)
	member, err := shop.Keys.Member("member 1")
	if err != nil {
		t.Fatal(err)
	}
	if err := shop.Keys.Forget("member 1", member.KeyID); err != nil {
		t.Fatal(err)
	}
	p := projector.New(shop.Collector, l, shop.Keys)
	p.Memory = memory
	run(t, p)
	projected(t, shop, l)
	want(t, shop, "true", "select loyalty_id is null and person is null from view.tickets")
}
