package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/tillproof/tillproof/collector/api"
	"github.com/tillproof/tillproof/collector/auth"
	"github.com/tillproof/tillproof/collector/clock"
	"github.com/tillproof/tillproof/collector/erasure"
	"github.com/tillproof/tillproof/collector/fabric"
	"github.com/tillproof/tillproof/collector/ingest"
	"github.com/tillproof/tillproof/collector/keyring"
	"github.com/tillproof/tillproof/collector/programme"
	"github.com/tillproof/tillproof/collector/projector"
	"github.com/tillproof/tillproof/collector/reconciliation"
	"github.com/tillproof/tillproof/collector/recorder"
	"github.com/tillproof/tillproof/collector/registration"
	"github.com/tillproof/tillproof/collector/spending"
	"github.com/tillproof/tillproof/collector/unsealed"
	"github.com/tillproof/tillproof/hotstate"
)

// serve is the wiring diagram: database, keys and ledger, then the services, then the workers, then the server in front.
func serve(ctx context.Context, log *slog.Logger, c config) error {
	if err := require(setting{"DATABASE_URL", c.DatabaseURL}); err != nil {
		return err
	}
	pool, err := hotstate.Open(ctx, c.DatabaseURL)
	if err != nil {
		return err
	}
	defer pool.Close()
	keys, err := keyring.Open(c.KeysDir)
	if err != nil {
		return err
	}
	memberCodes, err := keys.MemberCodes()
	if err != nil {
		return err
	}

	ledger, err := fabric.Connect(c.Fabric)
	if err != nil {
		return err
	}
	defer ledger.Close()

	rules := programme.NewService(ledger)
	conversions, err := newConversions(c, log, rules)
	if err != nil {
		return err
	}
	tickets := ingest.NewService(pool, keys, time.Now)
	tickets.Points = conversions
	coalescer := ingest.NewCoalescer(tickets, log)
	registrations := registration.NewService(pool, time.Now)
	authenticator := auth.Authenticator{
		Tokens:   auth.NewTokens(auth.NewKeySet(c.JWKSURL, time.Now), time.Now),
		TillKeys: auth.NewTillKeys(pool, time.Now),
	}
	backlog := ingest.NewBacklog(pool, c.BacklogLimit, log)
	spender := spending.New(pool, ledger, keys, spending.DefaultConfig)
	erasures := erasure.New(pool, ledger, keys, erasure.DefaultConfig)
	toLedger := recorder.New(pool, ledger, keys, recorder.DefaultConfig)
	toLedger.Conversions = conversions
	fromLedger := projector.New(pool, ledger, keys)
	fromLedger.Rules = rules.Changed
	toLedger.Memory = unsealed.NewMemory()
	fromLedger.Memory = toLedger.Memory
	fromLedger.Origin = c.LogOrigin
	reconciled := reconciliation.NewWatch(pool)
	clocks := clock.NewWatch(pool, log, time.Now)
	cosigning, err := newCosigning(c, pool, keys)
	if err != nil {
		return err
	}
	metrics := newMetrics(pool)
	metrics.MustRegister(toLedger.Metrics()...)
	metrics.MustRegister(backlog.Metrics()...)
	metrics.MustRegister(spender.Metrics()...)
	metrics.MustRegister(fromLedger.Metrics()...)
	metrics.MustRegister(reconciled.Metrics()...)
	metrics.MustRegister(clocks.Metrics()...)
	checks := []api.Check{
		{Name: "database", Ask: pool.Ping},
		{Name: "peer", Ask: ledger.Ping},
		{Name: "projector", Ask: fromLedger.Ready},
		{Name: "rates", Ask: conversions.Ready},
		{Name: "clock", Ask: clocks.Ready},
	}

	// Workers live until the server has answered its last request.
	workers := startWorkers(
		coalescer.Run,
		backlog.Run,
		func(ctx context.Context) { ingest.PurgeKeys(ctx, pool, log) },
		rules.Run,
		spender.Run,
		erasures.Run,
		toLedger.Run,
		fromLedger.Run,
		reconciled.Run,
		clocks.Run,
		cosigning,
	)
	defer workers.stop()

	return listen(ctx, log, c.ListenAddress, api.New(api.Config{
		Log:           log,
		Pool:          pool,
		Auth:          authenticator,
		Tickets:       coalescer,
		TicketGroups:  tickets,
		Backlog:       backlog,
		Registrations: registrations,
		Spending:      spender,
		Programme:     rules,
		Erasures:      erasures,
		MemberCodes:   memberCodes,
		Channel:       c.Fabric.Channel,
		Checks:        checks,
		Metrics:       metrics,
		Stopping:      ctx.Done(),
		Clock:         time.Now,
	}))
}

func newMetrics(pool *pgxpool.Pool) *prometheus.Registry {
	gauge := func(name, help string, read func(*pgxpool.Stat) int32) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help},
			func() float64 { return float64(read(pool.Stat())) })
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		gauge("tillproof_database_connections", "Connections of the pool.", (*pgxpool.Stat).TotalConns),
		gauge("tillproof_database_connections_used", "Connections in use.", (*pgxpool.Stat).AcquiredConns),
	)
	return registry
}
