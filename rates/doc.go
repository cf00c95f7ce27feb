// Package rates says what one currency is worth in another, from three tiers:
//
//	live    fetched from the feed for this question
//	cached  fetched before, at most 60 s ago
//	fixed   configured
//
// The first that has a sound answer gives it, and the answer says which that
// was, whose rate it is and since when it holds. The feed is asked at most once
// in a while, by one question for all that come at the same time, and never
// keeps a question waiting beyond its own deadline: the lower tiers answer then.
//
// A feed is another's, and may be slow, wrong or in other hands. Its answer is
// bounded in size and time, its numbers are read without floats, and a rate that
// is too old, or that jumped from what was known within a day (else from the
// fixed rate), is refused. A jump that is true is refused as well until the last
// known rate is a day old; a fixed rate it contradicts has to be set anew by
// hand.
package rates
