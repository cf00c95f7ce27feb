// Command tillproof-programme is an organisation's hand on the points programme: it shows the rules, and agrees to the one
// that the other organisation proposes, or declines it.
//
//	tillproof-programme                        shows the rules in force, and the proposed one with its digest
//	tillproof-programme agree VERSION DIGEST   agrees to that very rule
//	tillproof-programme decline VERSION        removes the proposal
//
// Its configuration is the witness's: FABRIC_MSP_ID, FABRIC_CERTIFICATE, FABRIC_PRIVATE_KEY, FABRIC_PEER (of the own
// organisation), FABRIC_TLS_CA, FABRIC_CHANNEL, FABRIC_CHAINCODE, and FABRIC_ENDORSERS, by commas.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"github.com/tillproof/tillproof/domain/ledger"
)

// Exit codes: a failure, or a wrong command line.
const (
	exitFailed = 1
	exitUsage  = 2
)

var errUsage = errors.New("usage: tillproof-programme [agree VERSION DIGEST | decline VERSION]")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Getenv, os.Args[1:])
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, "error:", err)
	if errors.Is(err, errUsage) {
		os.Exit(exitUsage)
	}
	os.Exit(exitFailed)
}

func run(ctx context.Context, getenv func(string) string, arguments []string) error {
	function, request, err := parse(arguments)
	if err != nil {
		return err
	}
	return call(ctx, readConfig(getenv), function, request)
}

// call asks the own organisation's peer, for as long as it may take.
func call(ctx context.Context, c config, function string, request ledger.AgreeRequest) error {
	contract, end, err := connect(c)
	if err != nil {
		return err
	}
	defer end()
	ctx, cancel := context.WithTimeout(ctx, c.limit)
	defer cancel()
	if function == "" {
		err = show(ctx, contract)
	} else {
		err = change(ctx, contract, function, request)
	}
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("%w: %s, %s: %w", errSilent, c.peer, c.limit, err)
	}
	return err
}

// parse gives the chaincode's function and its argument, no function to show the rules.
func parse(arguments []string) (function string, request ledger.AgreeRequest, err error) {
	if len(arguments) == 0 {
		return "", request, nil
	}
	functions := map[string]string{"agree 3": "AgreeProgramme", "decline 2": "WithdrawProposal"}
	function, known := functions[fmt.Sprint(arguments[0], " ", len(arguments))]
	if !known {
		return "", request, errUsage
	}
	version, err := strconv.ParseUint(strings.TrimSpace(arguments[1]), 10, 32)
	if err != nil {
		return "", request, fmt.Errorf("version %q is not a number: %w", arguments[1], errUsage)
	}
	request.Version = uint32(version)
	if len(arguments) == 3 {
		request.Digest = arguments[2]
	}
	return function, request, nil
}
