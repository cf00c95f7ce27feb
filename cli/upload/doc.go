// Package upload sends tickets from files, folders or standard input to a
// collector, and says of each what became of it.
//
// Tickets travel in chunks, one POST /v1/ticket-files each: NDJSON up, NDJSON
// answers back while it is still going up. An answer is given only for what
// the collector holds for good, so after any failure the tickets without an
// answer, and only those, are sent again. One that had been taken after all is
// answered "duplicate". That makes an upload safe to interrupt and to repeat.
//
// Run uploads what there is; Watch follows a folder and uploads what is dropped
// there.
//
// Two chunks are in memory, however large the input: one being sent and one
// being read.
package upload
