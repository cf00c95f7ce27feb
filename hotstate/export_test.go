package hotstate

// ScramVerifier is exported to compare it with PostgreSQL's own.
var ScramVerifier = scramVerifier
