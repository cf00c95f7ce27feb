package proof

// Assemble is what Verify makes of the leaves that are shown.
var Assemble = assemble
