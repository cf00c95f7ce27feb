package hotstate

// leaseOver is the condition that nobody holds a row any more, in statements whose first argument is the lease. Leases are
// given and looked at by the database's clock alone, so those of the programs need not agree. Nobody is given a row for
// more than some leases: a time further ahead was set before that clock was set back, and would hold the row until the
// clock has caught up.
const leaseOver = "lease_until not between now() and now() + 16 * $1::interval"
