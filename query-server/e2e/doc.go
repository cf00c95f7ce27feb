// Package e2e holds real trade against what the query server answers: the whole way from ticket files through collector,
// both organisations' peers, the blocks and the database to each person's own answer. The expected tables were computed
// from the raw data by another route, and every row of them is compared.
//
// The tests need a running system with the data loaded. scripts/test brings one up and names it in the environment:
//
//	TILLPROOF_E2E_ENV   the env file of the system
//	TILLPROOF_E2E_DATA  the folder with the data sets, as far as they were loaded
package e2e
