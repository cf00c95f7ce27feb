package ticket

import _ "embed"

//go:embed ticket.schema.json
var schema string

// Schema returns the JSON Schema (draft 2020-12) of a ticket, the contract
// with whoever writes tickets. Decode accepts what it accepts, but for the
// narrower points that the package comment lists.
func Schema() string { return schema }
