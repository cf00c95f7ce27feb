package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/tillproof/tillproof/cli/audit"
	"github.com/tillproof/tillproof/domain/checkpoint"
	"github.com/tillproof/tillproof/network/peerblocks"
)

const auditHelp = `Rebuild the log from one organisation's own peer, and compare it with the one
that the query server publishes.

usage: tillproof audit --peer HOST:PORT --msp ID --certificate FILE --key FILE --tls-ca FILE [OPTIONS]

  --peer HOST:PORT    your organisation's peer
  --msp ID            your organisation
  --certificate FILE  who you are there, PEM
  --key FILE          its private key, PEM
  --tls-ca FILE       the CA of the peer's TLS certificate, PEM
  --log-key KEY       the key of the log's operator, or the file it is in
                      (TILLPROOF_LOG_KEY)
  --url URL           the query server (TILLPROOF_QUERY_URL)
  --channel NAME      (tickets)
  --chaincode NAME    (tickets)
  --database          the hot state of DATABASE_URL as well, for who runs it: every
                      ticket in it against its commitment on the ledger
  --patience TIME     how long log and peer may lag behind each other (30s)

Exit code 1: something differs, each difference on a line of its own.
`

func runAudit(ctx context.Context, program program, arguments []string) error {
	flags := newFlags("audit")
	var peer peerblocks.Config
	flags.StringVar(&peer.Peer, "peer", "", "")
	flags.StringVar(&peer.MSPID, "msp", "", "")
	flags.StringVar(&peer.Certificate, "certificate", "", "")
	flags.StringVar(&peer.PrivateKey, "key", "", "")
	flags.StringVar(&peer.TLSCA, "tls-ca", "", "")
	flags.StringVar(&peer.Channel, "channel", "tickets", "")
	flags.StringVar(&peer.Chaincode, "chaincode", "tickets", "")
	logKey := flags.String("log-key", program.logKey, "")
	url := flags.String("url", program.queryURL, "")
	database := flags.Bool("database", false, "")
	patience := flags.Duration("patience", 30*time.Second, "")
	operands, err := parse(flags, arguments, auditHelp, program.stdout)
	if err != nil {
		return err
	}
	if len(operands) > 0 {
		return usagef("%q is not an option", operands[0])
	}
	for name, value := range map[string]string{"peer": peer.Peer, "msp": peer.MSPID, "certificate": peer.Certificate,
		"key": peer.PrivateKey, "tls-ca": peer.TLSCA, "log-key": *logKey} {
		if value == "" {
			return usagef("--%s is not given", name)
		}
	}
	if *database && program.databaseURL == "" {
		return usagef("--database: DATABASE_URL is not set")
	}
	operator, err := readKey("--log-key", *logKey, checkpoint.Operator)
	if err != nil {
		return err
	}
	blocks, err := peerblocks.Open(peer)
	if err != nil {
		return err
	}
	defer blocks.Close()
	auditor := &audit.Auditor{
		Ledger: blocks, Channel: peer.Channel, Operator: operator, Patience: *patience,
		Log: audit.Published{URL: *url, HTTP: &http.Client{Timeout: time.Minute}},
	}
	if *database {
		if auditor.Database, err = audit.OpenDatabase(ctx, program.databaseURL); err != nil {
			return err
		}
		defer auditor.Database.Close()
	}
	report, err := auditor.Run(ctx)
	if err != nil {
		return err
	}
	return printAudit(program, report, *database)
}

func printAudit(program program, report audit.Report, database bool) error {
	for _, finding := range report.Findings {
		fmt.Fprintln(program.stdout, finding)
	}
	if report.More > 0 {
		fmt.Fprintf(program.stdout, "and %d more\n", report.More)
	}
	if len(report.Findings) > 0 {
		fmt.Fprintf(program.stderr, "tillproof audit: the log is NOT the ledger's: %d differences\n", len(report.Findings)+report.More)
		return errReported
	}
	fmt.Fprintf(program.stdout, "The log is the ledger's: %d entries of %d blocks, root %v.\n", report.Entries, report.Blocks, report.Signed.Root)
	if database {
		fmt.Fprintln(program.stdout, "Every ticket in the database is the one that was recorded.")
	}
	return nil
}
