// Package money is the arithmetic between currencies: whole numbers only, so
// that everybody who works an amount out comes to the same.
//
// A rate is what one major unit of its base is worth in major units of its
// quote (one EUR in USD, one ETH in EUR), in billionths. From it follow
//
//	conversion = round(rate × 10^d(quote) / 10^d(base))
//	wei        = round(amount × 10^18 × 1 000 000 000 / (rate × 10^d(quote)))
//
// where d is the number of digits of a currency's minor unit. A conversion is
// what package points multiplies with: billionths of the quote's minor unit for
// one of the base's. Wei takes a rate whose base is ETH.
//
// Everything is rounded once, at the end, to the nearest, and half away from
// zero: an amount and its exact negation stay each other's negation.
package money
