package hotstate

// leaseOver is the condition that nobody holds a row any more. Leases are given and looked at by the database's clock alone,
// so those of the programs need not agree. None is for longer than an hour: one that ends later was given before that clock
// was set back, and would hold the row until the clock has caught up.
const leaseOver = "lease_until not between now() and now() + interval '1 hour'"
