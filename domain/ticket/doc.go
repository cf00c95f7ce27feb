// Package ticket defines the till ticket, version 1: its JSON, its checks and
// its canonical bytes.
//
// A ticket's way is Decode, which holds the JSON against ticket.schema.json
// and normalises it, then Check, for the rules that a schema cannot express,
// then Canonical, whose bytes are stored, committed to and compared.
//
// # Canonical bytes
//
// They are the JSON of the normalised ticket in the form of RFC 8785 (JCS):
// UTF-8, no white space, members in the order of their names, whole numbers,
// strings with only the escapes that JSON demands. The golden files in
// testdata hold examples. Two uploads have the same content if and only if
// their canonical bytes are equal. Normalising does this and nothing else:
//
//   - transactionId, wherever it stands: lower case.
//   - gtin: 14 digits, with zeros in front.
//   - quantity and unitPrice: no zeros in front but one before a point, none at
//     the end of a fraction, no empty fraction, no minus before zero:
//     "007.50" becomes "7.5" and "-0.0" becomes "0".
//   - beginDateTime, endDateTime: capital T and Z; an offset of zero, of either
//     sign, as Z, any other offset as given; the fraction of a second without
//     zeros at its end, and left out when zero.
//   - included: left out when true, its default.
//   - discounts, taxes, tenders: left out when empty. (lineItems is required
//     and stays.)
//   - description, lot, serialNumber, unitOfMeasure, reference: left out when
//     empty. (categoryCode is required and stays.)
//   - The whole number -0 is 0.
//
// The order of lines, discounts, taxes and tenders is content, and so are the
// code points of every text: nothing is sorted, trimmed or recomposed. An
// optional number that is given stays, even if zero.
//
// # Checks
//
// Decode's rules are schema/…, named after the schema's keyword, and
// unknown-field, integer-form, integer-53-bits and nul-character. Check's are
// these:
//
//   - total-mismatch: line amounts, taxes not included and rounding add up to
//     totals.grand. A line's own tax, totals.discount and totals.tax inform.
//   - tender-mismatch: so do the tenders, where there are any.
//   - line-number-repeated, quantity-zero; amount-sign: an amount never has the
//     opposite sign of its quantity; return-line-positive: a Return has negative
//     quantities only.
//   - gtin-check-digit.
//   - currency-unknown; currency-not-in-use: on businessDayDate.
//   - end-in-future: by more than 24 h; end-before-begin.
//   - business-day-distance: more than two days between businessDayDate and the
//     day of endDateTime, by the calendar of its own offset.
//   - control-money: a Control has no taxes and no totals but zero.
//   - void-of-itself.
//   - card-number: a tender's reference holds 13 to 19 digits that pass Luhn, in
//     one piece or in groups with spaces or dashes between, other text around or
//     not. UUIDs and hexadecimal numbers of 32 digits or more are no such thing.
//
// # Narrower than the schema
//
// Decode refuses a few texts that the schema, as such, lets pass:
//
//   - a name that stands twice in one object, invalid UTF-8, half a surrogate
//     pair, nesting beyond 16 levels, more than one value, more than MaxBytes
//     (all a *SyntaxError);
//   - whole numbers written with a point or an exponent (1.0, 1e3), since money
//     is never a float, and numbers beyond 53 bits anywhere;
//   - the character U+0000, the year 0000, a leap second (:60) and more than
//     nine digits of a second's fraction, which databases cannot hold.
package ticket
