// Package benchmark measures what anchoring costs, beside a contract that records one sale a transaction.
package benchmark
