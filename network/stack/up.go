package stack

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/tillproof/tillproof/network/daemon"
	"github.com/tillproof/tillproof/network/envfile"
	"github.com/tillproof/tillproof/network/programs"
)

// stack is a system being brought up.
type stack struct {
	Configuration
	ports      Ports
	env        *envfile.File
	supervisor *daemon.Supervisor
	database   databaseURLs
	signers    signers
}

// Up brings the system up, or repairs what of it is down, loads the data if
// that has not been done, and checks that all of it is on both peers.
func Up(ctx context.Context, c Configuration, data Data) (*Report, error) {
	if err := errors.Join(c.isRepository(), data.check()); err != nil {
		return nil, err
	}
	s, release, err := prepare(ctx, c)
	if err != nil {
		return nil, err
	}
	defer release()
	for _, step := range []func(context.Context) error{
		s.build,
		s.startDatabase,
		s.startNetwork,
		s.migrate,
		s.startEthereum,
		s.startServers,
		s.startAnchor,
		s.writeEnv,
		func(ctx context.Context) error { return s.load(ctx, data) },
		s.writePins,
	} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return s.report(ctx)
}

// UpDatabase brings PostgreSQL up and nothing else, for those who measure with
// data of their own. Down stops it.
func UpDatabase(ctx context.Context, c Configuration) error {
	s, release, err := prepare(ctx, c)
	if err != nil {
		return err
	}
	defer release()
	return s.startDatabase(ctx)
}

// prepare takes the lock, and with it gets ready.
func prepare(ctx context.Context, c Configuration) (s *stack, release func(), err error) {
	if err := c.checkDirectory(); err != nil {
		return nil, nil, err
	}
	unlock, err := c.lock()
	if err != nil {
		return nil, nil, err
	}
	if s, err = newStack(ctx, c); err != nil {
		unlock()
		return nil, nil, err
	}
	return s, unlock, nil
}

// newStack settles the configuration and checks what can be checked before
// anything is begun.
func newStack(ctx context.Context, c Configuration) (*stack, error) {
	if err := c.finishCleaning(); err != nil {
		return nil, err
	}
	env, err := c.settle()
	if err != nil {
		return nil, err
	}
	supervisor, err := c.newSupervisor()
	if err != nil {
		return nil, err
	}
	s := &stack{Configuration: c, ports: Ports(c.PortBase), env: env, supervisor: supervisor}
	return s, s.checkMachine(ctx)
}

func (c Configuration) newSupervisor() (*daemon.Supervisor, error) {
	return daemon.NewSupervisor(c.in("pids"), c.in("log"), c.program("tillproof-network"), c.Progress)
}

func (s *stack) build(ctx context.Context) error {
	if err := programs.BuildFabric(ctx, s.fabricModule(), s.fabricPrograms(), s.Progress); err != nil {
		return err
	}
	if err := programs.BuildEthereum(ctx, s.ethereumModule(), s.ethereumPrograms(), s.Progress); err != nil {
		return err
	}
	s.Progress("building our programs")
	if err := programs.Build(ctx, s.Repository, s.in("bin")); err != nil {
		return err
	}
	return programs.BuildVerifier(ctx, s.Repository, s.verifierDir())
}

// writeEnv says where everything is, for people, tests and other programs.
func (s *stack) writeEnv(ctx context.Context) error {
	logKey, err := s.logKey()
	if err != nil {
		return err
	}
	witnessKey, err := s.witnessKey(ctx)
	if err != nil {
		return err
	}
	for _, entry := range [][2]string{
		{"TILLPROOF_COLLECTOR_URL", s.ports.CollectorURL()},
		{"TILLPROOF_QUERY_URL", s.ports.QueryURL()},
		{keyDatabaseURL, s.database.owner},
		{"TILLPROOF_COLLECTOR_DATABASE_URL", s.database.collector},
		{"TILLPROOF_QUERY_DATABASE_URL", s.database.query},
		{"TILLPROOF_KEYS_DIR", s.keys()},
		{"TILLPROOF_ORDERER", s.ports.address(ordererPort)},
		{"TILLPROOF_RETAIL_PEER", s.ports.address(retailPeerPort)},
		{"TILLPROOF_BRANDS_PEER", s.ports.address(brandsPeerPort)},
		{"TILLPROOF_WITNESS_URL", s.ports.WitnessURL()},
		{"TILLPROOF_ETHEREUM_URL", s.ports.EthereumURL()},
		{"TILLPROOF_RETAIL_SIGNER", s.signers.retail},
		{"TILLPROOF_BRANDS_SIGNER", s.signers.brands},
		{"TILLPROOF_LOG_KEY", logKey},
		{"TILLPROOF_WITNESS_KEY", witnessKey},
		{"TILLPROOF_CRYPTO_DIR", string(s.material())},
	} {
		s.env.Set(entry[0], entry[1])
	}
	if err := s.env.Write(s.envFile()); err != nil {
		return fmt.Errorf("write %s: %w", s.envFile(), err)
	}
	return nil
}

// makeDirectory is for what only we may enter.
func makeDirectory(dir string) error { return os.MkdirAll(dir, 0o700) }
