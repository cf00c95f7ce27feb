package simulate

import (
	"testing"

	"github.com/tillproof/tillproof/domain/gs1"
)

// Every way in which a product can belong to somebody, or to nobody, occurs.
func TestCatalogueHasEveryKindOfOwner(t *testing.T) {
	goods, err := newCatalogue(1)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, product := range goods.products {
		kinds[kindOfOwner(t, product)]++
	}
	for _, kind := range []string{"prefix", "explicit only", "explicit against prefix", "in-store", "no barcode", "unclaimed"} {
		if kinds[kind] == 0 {
			t.Errorf("no product is %s: %v", kind, kinds)
		}
	}
	if len(goods.products) < 200 || len(goods.byItem) != len(goods.products) {
		t.Errorf("%d products, %d item numbers", len(goods.products), len(goods.byItem))
	}
}

func kindOfOwner(t *testing.T, product product) string {
	t.Helper()
	if product.gtin == "" {
		return "no barcode"
	}
	gtin, ok := gs1.Normalise(product.gtin)
	if !ok || !gs1.ValidCheckDigit(product.gtin) {
		t.Errorf("%s: %s is no GTIN", product.description, product.gtin)
	}
	if gtin != product.gtin14() {
		t.Errorf("%s: %s is brought to %s, not %s", product.description, product.gtin, product.gtin14(), gtin)
	}
	claims := 0
	for _, maker := range makers {
		for _, prefix := range maker.Prefixes {
			if gs1.MatchesPrefix(gtin, prefix) {
				claims++
			}
		}
	}
	switch {
	case claims > 1:
		t.Errorf("%s: %d manufacturers claim it", product.description, claims)
	case gs1.IsInStore(gtin) && (claims > 0 || product.owner != ""):
		t.Errorf("%s has an in-store number and an owner", product.description)
	case gs1.IsInStore(gtin):
		return "in-store"
	case product.owner != "" && claims == 1:
		return "explicit against prefix"
	case product.owner != "":
		return "explicit only"
	case claims == 1:
		return "prefix"
	}
	return "unclaimed"
}

func TestPrefixesAreExamples(t *testing.T) {
	for _, maker := range makers {
		for _, prefix := range maker.Prefixes {
			if !gs1.ValidPrefix(prefix) || prefix[:3] != "952" {
				t.Errorf("%s: prefix %s", maker.ID, prefix)
			}
		}
	}
}
