// Package eterticket reads the older eterticket files and makes tickets of
// them.
//
// # The file
//
// One sale a file, UTF-8: a line of text, the key, and then three JSON
// documents. All values are texts or numbers; members not named here are left
// aside, the old system's own points (pv) among them.
//
//	store-till-folio-customer-date     the key
//	{…}                                header
//	[{…}, …]                           lines
//	[{…}, …]                           payments
//
//	header   fv   date, YYYY/MM/DD         businessDayDate
//	         hiv  start, hh:mm:ss          beginDateTime
//	         hfv  end, hh:mm:ss            endDateTime
//	         td   store                    storeId
//	         nc   till                     workstationId
//	         fl   folio                    sequenceNumber
//	         vr   seller                   operatorId
//	         im   total                    totals.grand
//	         ncj  customer                 loyaltyId; 0 is none
//	lines    cb   barcode                  itemId, and gtin where it is one
//	         ds   description              description
//	         cn   quantity                 quantity
//	         pi   unit price with VAT      unitPrice
//	         ti   VAT percent              tax, included
//	         pt   line total with VAT      extendedAmount
//	payments cp   kind (else xp)           tenders
//
// # What is made of it
//
// transactionId is the UUID of version 5 of the key line, without white space
// at its ends, in the name space [Namespace]. So a file read again is the same
// ticket, and another content under the same key a conflict. The key must say
// what the header says.
//
// Amounts are decimals in MXN and become centavos by arithmetic on their
// digits; what goes beyond a centavo is rounded half away from zero. Where the
// lines, so rounded, miss the total by up to [MaxRounding], the difference is
// totals.rounding. By more than that the file contradicts itself and is
// refused.
//
// Times are local to Mexico City, with the offset that held on the day. An end
// before the start is past midnight, or past the end of summer time.
//
// A barcode has lost its leading zeros and gained ".0" on its way through a
// number. Of 8, 12, 13 or 14 digits it is a GTIN if its check digit is right.
// So it is if one zero in front makes it that long. Check digits do not heed
// zeros in front, so where two are missing nothing tells a GTIN from a short
// number that is right by chance: only a single one is restored. Any other code
// is the retailer's own, and itemId alone.
//
// The payments name kinds and no amounts. A single one has paid the total; of
// several nobody can tell what each has paid, and the ticket has no tenders.
//
// A file whose quantities are all negative is a Return.
package eterticket
