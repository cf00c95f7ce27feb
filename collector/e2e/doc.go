// Package e2e tests the ledger against a running network: what the chaincode promises when many clients call at once, and
// what one organisation cannot do alone. scripts/test brings the network up and names it in TILLPROOF_E2E_ENV.
//
// TestTrials ill-treats a system of its own: one organisation's chaincode lies, peers lose everything, the chaincode is
// upgraded.
//
// The other tests call the chaincode itself, past the collector, on accounts of their own. The tickets they record have bodies
// that nobody can open, so that no view shows them.
package e2e
