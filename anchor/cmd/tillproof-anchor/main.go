// Command tillproof-anchor brings the log's checkpoints to Ethereum, signed by both organisations.
//
//	tillproof-anchor                                         the service; config says what it reads
//	tillproof-anchor new-key KEYSTORE PASSWORD-FILE          makes an account, if there is none; prints its address
//	tillproof-anchor contract                                prints chain and contract, once it is there
//	tillproof-anchor propose-successor RETAIL BRANDS         makes a contract that these accounts sign for, and prints what
//	                                                         the other organisation has to sign for the log to move there
//	tillproof-anchor move-log                                reads that, signed, and moves the log
//
// It reads the log over HTTP, keeps its record in PostgreSQL, and is in nobody's way: if Ethereum, the witness or itself
// is down, tickets are accepted and recorded as ever, and anchored later.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/tillproof/tillproof/anchor/anchoring"
	"github.com/tillproof/tillproof/anchor/chain"
	"github.com/tillproof/tillproof/anchor/cosign"
	"github.com/tillproof/tillproof/anchor/key"
	"github.com/tillproof/tillproof/anchor/logsource"
	"github.com/tillproof/tillproof/domain/checkpoint"
	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/rates"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	var err error
	switch args := os.Args[1:]; {
	case len(args) == 0:
		err = serve(ctx, log)
	case len(args) == 3 && args[0] == "new-key":
		err = newKey(args[1], args[2])
	case len(args) == 1 && args[0] == "contract":
		err = withWorkplace(ctx, printContract)
	case len(args) == 3 && args[0] == "propose-successor":
		err = withWorkplace(ctx, func(ctx context.Context, w *workplace) error { return w.propose(ctx, args[1], args[2]) })
	case len(args) == 1 && args[0] == "move-log":
		err = withWorkplace(ctx, moveLog)
	default:
		fmt.Fprintln(os.Stderr, "usage: tillproof-anchor [new-key KEYSTORE PASSWORD-FILE | contract | propose-successor RETAIL BRANDS | move-log]")
		os.Exit(2)
	}
	if err != nil {
		log.Error("anchor service stopped", "error", err)
		os.Exit(1)
	}
}

func newKey(file, passwordFile string) error {
	made, err := key.Ensure(file, passwordFile)
	if err != nil {
		return err
	}
	fmt.Println(made.Address())
	return nil
}

// Time limits: of one question to somebody, and of a whole round.
const (
	askTimeout   = 15 * time.Second
	roundTimeout = 5 * time.Minute
)

func serve(ctx context.Context, log *slog.Logger) error {
	config, err := readConfig(os.Getenv)
	if err != nil {
		return err
	}
	pool, err := hotstate.Open(ctx, config.DatabaseURL)
	if err != nil {
		return err
	}
	defer pool.Close()
	lock := &anchoring.DatabaseLock{URL: config.DatabaseURL}
	defer lock.Release(context.WithoutCancel(ctx))

	node, err := chain.Dial(ctx, config.EthereumURL, askTimeout)
	if err != nil {
		return err
	}
	defer node.Close()
	operator, err := readLogKey(config.LogKeyFile)
	if err != nil {
		return err
	}
	retail, err := config.Retail.open(ctx)
	if err != nil {
		return err
	}
	payer, err := config.Payer.open(ctx)
	if err != nil {
		return err
	}
	budget, err := newBudget(config, log)
	if err != nil {
		return err
	}
	client := &http.Client{Timeout: askTimeout}

	service := anchoring.New(anchoring.Options{
		Node:     node,
		DB:       pool,
		Lock:     lock,
		Log:      &logsource.Log{URL: config.QueryURL, Operator: operator, HTTP: client},
		Signer:   retail,
		Cosigner: cosign.Client{URL: config.WitnessURL, Signer: config.BrandsSigner, HTTP: client},
		Signers:  chain.Signers{Retail: retail.Address(), Brands: config.BrandsSigner},
		Account:  chain.Account{Signer: payer, Ceiling: config.MaxFee, ReplaceAfter: config.ReplaceAfter, Now: time.Now},
		Budget:   budget,

		ChainID: config.ChainID, Contract: config.Contract, FromBlock: config.FromBlock, Deploy: config.Deploy,
		Tickets: config.Tickets, Interval: config.Interval, FinalBlocks: config.FinalBlocks,
		Pause: config.Pause, RoundTimeout: roundTimeout, Now: time.Now, Observer: log,
	})
	return run(ctx, log, config.ListenAddress, service)
}

func newBudget(c config, log *slog.Logger) (*anchoring.Budget, error) {
	if c.Budget == nil {
		return nil, nil
	}
	service, err := rates.New(c.Rates, log, time.Now)
	if err != nil {
		return nil, fmt.Errorf("RATES_URL: %w", err)
	}
	return &anchoring.Budget{Amount: *c.Budget, Rates: service}, nil
}

func (a account) open(ctx context.Context) (key.Signer, error) {
	if a.SignerURL != "" {
		return key.DialExternal(ctx, a.SignerURL, a.Address)
	}
	return key.OpenKeystore(a.Keystore, a.PasswordFile)
}

func readLogKey(file string) (checkpoint.Key, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return checkpoint.Key{}, fmt.Errorf("read the key of the log's operator (LOG_KEY_FILE): %w", err)
	}
	operator, err := checkpoint.ParseKey(string(text))
	if err != nil {
		return operator, fmt.Errorf("read the key of the log's operator in %s: %w", file, err)
	}
	return operator, nil
}

// run does rounds and answers about them until ctx ends.
func run(ctx context.Context, log *slog.Logger, address string, service *anchoring.Service) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("listen on %s (LISTEN_ADDRESS): %w", address, err)
	}
	server := &http.Server{Handler: service.Handler(), ReadHeaderTimeout: askTimeout, WriteTimeout: askTimeout,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener); cancel() }()
	log.Info("anchor service listens", "address", listener.Addr().String())
	service.Run(ctx)
	log.Info("anchor service stops")
	limit, cancelLimit := context.WithTimeout(context.WithoutCancel(ctx), askTimeout)
	defer cancelLimit()
	if err := server.Shutdown(limit); err != nil {
		return fmt.Errorf("shut down: %w", err)
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}
