// Package contract holds the Solidity contract LogAnchor, which keeps the log's newest checkpoint that both
// organisations signed, what the pinned compiler makes of it (LogAnchor.abi, LogAnchor.bin), and the Go bindings
// (loganchor.go). scripts/generate makes them again; a test compares.
package contract
