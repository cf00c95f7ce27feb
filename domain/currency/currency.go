// Package currency holds the currencies of ISO 4217 that goods are paid in:
// how many digits their minor unit has, and when they were in use.
//
// Left out are the codes nobody pays with: precious metals (XAU …), units of
// account and funds (XDR, CLF, USN …), test codes (XTS) and "no currency"
// (XXX). Kept, with their last day, are the currencies withdrawn since 2014,
// for tickets may be uploaded years late and books are kept ten years in most
// countries. The last day is the one on which a shop could still take the
// money, where old and new went side by side.
package currency

// currency is a code's row. Days are YYYY-MM-DD, inclusive; empty means
// unbounded, "from" being told only of currencies introduced since 2014.
type currency struct {
	minorDigits int
	from, until string
}

// MinorDigits returns how many decimal digits of code one minor unit stands
// for: 2 for EUR, 0 for JPY, 3 for KWD. It knows withdrawn codes too.
func MinorDigits(code string) (int, bool) {
	c, ok := currencies[code]
	return c.minorDigits, ok
}

// InUse reports whether code was a currency in use on day (YYYY-MM-DD).
func InUse(code, day string) bool {
	c, ok := currencies[code]
	return ok && c.from <= day && (c.until == "" || day <= c.until)
}
