package stack

import (
	"fmt"
	"io"
	"math/big"
	"sort"
	"strings"

	"github.com/tillproof/tillproof/domain/currency"
)

// Print says in plain words what is there.
func (r *Report) Print(w io.Writer) {
	fmt.Fprintf(w, "\nTillproof is up.\n\n")
	fmt.Fprintf(w, "%s, by what each peer itself says:\n", r.verdict())
	fmt.Fprintf(w, "  retail peer   %d\n  brands peer   %d\n", r.OnRetailPeer, r.OnBrandsPeer)
	if r.Rejected > 0 {
		fmt.Fprintf(w, "  %s accepted at first and refused later; GET /v1/tickets/{id} says why\n", count(r.Rejected, "ticket was", "tickets were"))
	}
	fmt.Fprintf(w, "\nWhere\n  collector     %s\n  query server  %s  (open this in a browser)\n", r.CollectorURL, r.QueryURL)
	fmt.Fprintf(w, "\nDemo logins (kept in %s)\n", r.EnvFile)
	for _, login := range r.Logins {
		fmt.Fprintf(w, "  %-12s  %s\n", login.User, login.Password)
	}
	if r.Points != nil {
		fmt.Fprintf(w, "\nThe demo customer has %s.\n", count(*r.Points, "point", "points"))
	}
	if r.Sold != nil {
		fmt.Fprintf(w, "The demo manufacturer sold %s units%s.\n", plainNumber(r.Sold.Units), amounts(r.Sold.Amounts))
	}
	fmt.Fprintf(w, "\nscripts/down stops everything.\n")
}

func (r *Report) verdict() string {
	if r.OnRetailPeer == 0 {
		return "No tickets yet on either peer"
	}
	return "All " + count(int64(r.OnRetailPeer), "recorded ticket is", "recorded tickets are") + " on both peers"
}

func count(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// amounts are " for 12.30 EUR and 5 JPY", or nothing.
func amounts(byCurrency map[string]*big.Rat) string {
	var parts []string
	for code, minor := range byCurrency {
		parts = append(parts, money(code, minor)+" "+code)
	}
	if len(parts) == 0 {
		return ""
	}
	sort.Strings(parts)
	return " for " + strings.Join(parts, " and ")
}

// money brings minor units to the currency's usual form. Of a currency that is
// not in use, minor units are all that is known.
func money(code string, minor *big.Rat) string {
	digits, ok := currency.MinorDigits(code)
	if !ok {
		return plainNumber(minor) + " minor units of"
	}
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)
	return new(big.Rat).Quo(minor, new(big.Rat).SetInt(scale)).FloatString(digits)
}

// plainNumber writes a decimal without superfluous zeros; units have at most
// three places.
func plainNumber(n *big.Rat) string {
	text := n.FloatString(3)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}
