package api_test

import (
	"crypto/sha256"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/hotstate"
)

type anchorList struct {
	Items []struct {
		Size, PreviousSize, ChainID, Epoch, Block int64
		Root, PreviousRoot, Contract, Transaction string
		Time                                      time.Time
		Final                                     bool
		Signatures                                *struct{ Retail, Brands string }
		GasUsed                                   *int64
		CostWei                                   *string
	}
	NextCursor string
}

// Anyone reads the anchors, page by page, and nothing else comes with them.
func TestAnchors(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	if none := decode[anchorList](t, s.do("GET", "/v1/anchors", "")); len(none.Items) != 0 || none.NextCursor != "" {
		t.Fatalf("before the first: %+v", none)
	}
	contract := make([]byte, 20)
	digest := func(of string) []byte { sum := sha256.Sum256([]byte(of)); return sum[:] }
	var found []hotstate.Anchor
	for size := int64(1); size <= 3; size++ {
		a := hotstate.Anchor{Epoch: 1, Size: size * 10, Root: digest(fmt.Sprint(size)), PreviousSize: size*10 - 10, PreviousRoot: digest(fmt.Sprint(size - 1)),
			Transaction: digest(fmt.Sprint("transaction", size)), Block: size, BlockHash: digest("block"), At: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Final: size < 3}
		if size == 2 {
			a.RetailSignature, a.BrandsSignature = make([]byte, 65), make([]byte, 65)
		}
		found = append(found, a)
	}
	anchorer := s.db.As(t, "tillproof_anchor")
	err := pgx.BeginFunc(t.Context(), anchorer, func(tx pgx.Tx) error {
		return hotstate.ReplaceAnchors(t.Context(), tx, 1337, contract, 0, found, hotstate.AnchorScan{Block: 2, BlockHash: digest("block")})
	})
	if err != nil {
		t.Fatal(err)
	}
	const cost = "115792089237316195423570985008687907853269984665640564039457584007913129639935" // 2^256-1
	wei, _ := new(big.Int).SetString(cost, 10)
	for nonce, in := range []string{"block", "a block that was left"} {
		err := hotstate.WriteAnchorCost(t.Context(), anchorer, 1337, hotstate.AnchorCost{Payer: contract, Nonce: int64(nonce), At: time.Now(),
			Transaction: digest(fmt.Sprint("transaction", nonce+1)), BlockHash: digest(in), GasUsed: 45606, Wei: wei})
		if err != nil {
			t.Fatal(err)
		}
	}
	var sizes []int64
	address := "/v1/anchors?limit=1"
	for range 4 {
		got := s.do("GET", address, "")
		list := decode[anchorList](t, got)
		for _, item := range list.Items {
			sizes = append(sizes, item.Size)
			if (item.Signatures != nil) != (item.Size == 20) || item.Final != (item.Size < 30) || item.ChainID != 1337 ||
				item.Root != fmt.Sprintf("0x%x", digest(fmt.Sprint(item.Size/10))) || item.PreviousSize != item.Size-10 {
				t.Errorf("an anchor reads %+v", item)
			}
			if known := item.Size == 10; (item.GasUsed != nil) != known || (item.CostWei != nil) != known || known && (*item.GasUsed != 45606 || *item.CostWei != cost) {
				t.Errorf("what the anchor of size %d costs reads %v gas, %v wei", item.Size, item.GasUsed, item.CostWei)
			}
		}
		if list.NextCursor == "" {
			break
		}
		address = "/v1/anchors?limit=1&cursor=" + list.NextCursor
	}
	if fmt.Sprint(sizes) != "[30 20 10]" {
		t.Errorf("anchors at %v", sizes)
	}
	if got := s.do("GET", "/v1/anchors?cursor=AAAA", ""); got.StatusCode != 400 || !strings.Contains(got.body, "cursor") {
		t.Errorf("a forged cursor: %d %s", got.StatusCode, got.body)
	}
}
