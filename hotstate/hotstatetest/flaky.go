package hotstatetest

import (
	"context"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Flaky gives the collector's pool over connections that break: one in so many statements is lost on its way, or carried out
// and its answer lost. Which ones, the seed decides as far as the program's own timing lets it.
func (d *Database) Flaky(t testing.TB, seed uint64, oneIn int) *pgxpool.Pool {
	t.Helper()
	config, err := pgxpool.ParseConfig(d.URL)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &flakyWay{dice: rand.New(rand.NewPCG(seed, 0)), oneIn: oneIn}
	w.network, w.address = pgconn.NetworkAddress(config.ConnConfig.Host, config.ConnConfig.Port)
	accepting := make(chan struct{})
	go func() {
		defer close(accepting)
		w.accept(listener)
	}()
	t.Cleanup(func() { listener.Close(); <-accepting; w.connections.Wait() })

	config.MaxConns = maxConns
	config.ConnConfig.DialFunc = func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", listener.Addr().String())
	}
	config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "set session authorization tillproof_collector")
		return err
	}
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// flakyWay passes on what a client and PostgreSQL say to each other.
type flakyWay struct {
	network, address string
	oneIn            int
	connections      sync.WaitGroup

	mu   sync.Mutex
	dice *rand.Rand
}

func (w *flakyWay) accept(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		w.connections.Go(func() { w.pass(client) })
	}
}

// What happens to something on its way.
const (
	passes = iota
	isLost
	isDoneAndLost // carried out, and the answer lost
)

func (w *flakyWay) roll() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.dice.IntN(w.oneIn) > 0 {
		return passes
	}
	return isLost + w.dice.IntN(2)
}

// pass takes what the client sends piece by piece: pgx sends all of a statement, or of a batch, at once.
func (w *flakyWay) pass(client net.Conn) {
	defer client.Close()
	server, err := net.Dial(w.network, w.address)
	if err != nil {
		return
	}
	defer server.Close()
	answers := &muted{to: client}
	answering := make(chan struct{})
	go func() {
		defer close(answering)
		defer client.Close()
		io.Copy(answers, server)
	}()
	defer func() { server.Close(); <-answering }()
	piece := make([]byte, 64<<10)
	for {
		n, err := client.Read(piece)
		if err != nil {
			return
		}
		fate := w.roll()
		if fate == isLost {
			return
		}
		if fate == isDoneAndLost {
			answers.mute()
		}
		if _, err := server.Write(piece[:n]); err != nil {
			return
		}
		if fate == isDoneAndLost {
			select {
			case <-answers.came:
			case <-answering: // the server has gone
			}
			return
		}
	}
}

// muted passes answers on until it is told not to; then it tells that one came, and keeps it to itself.
type muted struct {
	to io.Writer

	mu   sync.Mutex
	came chan struct{} // closed with the first answer after mute
}

func (m *muted) mute() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.came = make(chan struct{})
}

func (m *muted) Write(answer []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.came == nil {
		return m.to.Write(answer)
	}
	select {
	case <-m.came:
	default:
		close(m.came)
	}
	return len(answer), nil
}
