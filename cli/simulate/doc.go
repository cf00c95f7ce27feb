// Package simulate makes a believable supermarket chain and its tickets, to
// try things out with and to measure by. Nothing in it is real: makers have
// numbers from GS1's range for examples (952), customers are numbers only.
//
// The same options give the same bytes, on every machine: all is drawn with
// whole numbers from a generator whose sequence is specified (PCG).
//
// What the chain is like:
//
//   - Stores in two countries and time zones, of different size, closed on
//     Sundays; one by a station is open past midnight at the weekend, whose
//     tickets then belong to the business day before.
//   - Days and hours have their rhythm; most baskets are small, some large.
//   - Members have a store and products they keep coming back to.
//   - Products change with the week's promotions and are marked down when
//     short-dated; produce and the counters sell by weight.
//   - Of a thousand tickets about 13 are returns, most of them naming what
//     they return, 4 sales take something back, 2 are voided, and some 45 use
//     up a number without a sale.
//
// Tickets are made and written one at a time. What is kept is the chain, the
// times of one day's tickets, and the last few receipts of each store.
package simulate
