package main

import (
	"maps"
	"math/big"
	"strings"
	"testing"
)

var whole = map[string]string{
	"DATABASE_URL": "postgres://x", "LOG_KEY_FILE": "operator.pub",
	"BRANDS_ADDRESS":  "0x00000000000000000000000000000000000000aa",
	"RETAIL_KEYSTORE": "retail.json", "RETAIL_PASSWORD_FILE": "retail.password",
}

func TestReadConfig(t *testing.T) {
	for name, test := range map[string]struct {
		set  map[string]string
		want string // in the error
	}{
		"the least":                {nil, ""},
		"no database":              {map[string]string{"DATABASE_URL": ""}, "DATABASE_URL is not set"},
		"no key":                   {map[string]string{"RETAIL_KEYSTORE": ""}, "RETAIL_KEYSTORE is not set"},
		"an external signer":       {map[string]string{"RETAIL_KEYSTORE": "", "RETAIL_SIGNER_URL": "http://127.0.0.1:8550", "RETAIL_ADDRESS": whole["BRANDS_ADDRESS"]}, ""},
		"whose account is left":    {map[string]string{"RETAIL_SIGNER_URL": "http://127.0.0.1:8550"}, "RETAIL_ADDRESS"},
		"no second signer":         {map[string]string{"BRANDS_ADDRESS": ""}, "BRANDS_ADDRESS"},
		"a short address":          {map[string]string{"CONTRACT_ADDRESS": "0x12"}, "CONTRACT_ADDRESS"},
		"an address in lower case": {map[string]string{"BRANDS_ADDRESS": "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"}, ""},
		"a mistyped checksum":      {map[string]string{"BRANDS_ADDRESS": "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAEd"}, "BRANDS_ADDRESS"},
		"a fee in words":           {map[string]string{"MAX_FEE_GWEI": "much"}, "MAX_FEE_GWEI"},
		"no fee":                   {map[string]string{"MAX_FEE_GWEI": "0"}, "MAX_FEE_GWEI"},
		"a negative duration":      {map[string]string{"ANCHOR_INTERVAL": "-1s"}, "ANCHOR_INTERVAL"},
		"a budget":                 {map[string]string{"ANCHOR_BUDGET": "5.00 EUR", "RATES_FIXED": "ETH/EUR=2500@2026-11-01"}, ""},
		"a budget without a rate":  {map[string]string{"ANCHOR_BUDGET": "5.00 EUR"}, "RATES_URL"},
		"a budget of nothing":      {map[string]string{"ANCHOR_BUDGET": "0 EUR", "RATES_FIXED": "ETH/EUR=2500@2026-11-01"}, "ANCHOR_BUDGET"},
		"a budget without money":   {map[string]string{"ANCHOR_BUDGET": "5", "RATES_FIXED": "ETH/EUR=2500@2026-11-01"}, "ANCHOR_BUDGET"},
		"a feed of another kind":   {map[string]string{"ANCHOR_BUDGET": "5 EUR", "RATES_URL": "http://feed", "RATES_FORMAT": "csv"}, "RATES_FORMAT"},
		"half a ticket":            {map[string]string{"ANCHOR_TICKETS": "0.5"}, "ANCHOR_TICKETS"},
		"a URL with a key in it":   {map[string]string{"ETHEREUM_URL": "ftp://key-in-it"}, "ETHEREUM_URL"},
	} {
		env := maps.Clone(whole)
		maps.Copy(env, test.set)
		_, err := readConfig(func(name string) string { return env[name] })
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: %v, want one that names %s", name, err, test.want)
		case err != nil && strings.Contains(err.Error(), "key-in-it"):
			t.Errorf("%s: the error shows the URL: %v", name, err)
		}
	}
}

func TestFeesAreReadToTheLastWei(t *testing.T) {
	env := maps.Clone(whole)
	env["MAX_FEE_GWEI"] = "0.123456789"
	c, err := readConfig(func(name string) string { return env[name] })
	if err != nil || c.MaxFee.Cmp(big.NewInt(123456789)) != 0 {
		t.Errorf("%v wei, %v", c.MaxFee, err)
	}
}
