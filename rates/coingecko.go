package rates

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/tillproof/tillproof/domain/money"
)

// CoinGecko reads the answer of CoinGecko's /simple/price for ids=ethereum, one
// ETH in other currencies; the time is there with include_last_updated_at=true:
//
//	{"ethereum":{"eur":2507.41,"usd":2714.02,"last_updated_at":1795170395}}
var CoinGecko = Format{Name: "CoinGecko", parse: parseCoinGecko}

const lastUpdated = "last_updated_at" // seconds since 1970

func parseCoinGecko(content []byte) (*Table, error) {
	var answer struct {
		Ethereum map[string]json.RawMessage `json:"ethereum"`
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	if err := decoder.Decode(&answer); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("something follows the answer")
	}
	table := &Table{Base: money.Ether, Units: map[string]int64{}}
	for name, value := range answer.Ethereum {
		if name == lastUpdated {
			var seconds int64
			if err := json.Unmarshal(value, &seconds); err != nil {
				return nil, fmt.Errorf("%s: %w", lastUpdated, err)
			}
			table.At = time.Unix(seconds, 0).UTC()
			continue
		}
		if len(name) != len("eur") {
			continue // a day's change, a volume, a price in another coin
		}
		units, err := money.ParseBillionths(string(value)) // as it is written, not by way of a float
		if err != nil {
			return nil, fmt.Errorf("%q: %w", name, err)
		}
		table.Units[strings.ToUpper(name)] = units
	}
	if len(table.Units) == 0 {
		return nil, errors.New("it has no price of ethereum")
	}
	return table, nil
}
