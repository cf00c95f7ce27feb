package e2e_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/tillproof/tillproof/collector/fabric"
	"github.com/tillproof/tillproof/network/material"
)

// A door is a way to a peer that can be shut, as if the peer were gone, or held, as if its machine hung.
type door struct {
	address string // of its own

	mu    sync.Mutex
	state string // open, shut or held
	conns []net.Conn
}

func newDoor(t *testing.T, peer string) *door {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &door{address: listener.Addr().String(), state: "open"}
	t.Cleanup(func() { listener.Close(); d.set("shut") })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			d.let(conn, peer)
		}
	}()
	return d
}

// let connects both sides, if the door is open.
func (d *door) let(conn net.Conn, peer string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.state == "shut" {
		conn.Close()
		return
	}
	d.conns = append(d.conns, conn)
	if d.state == "held" {
		return // accepted, and never a word
	}
	inside, err := net.Dial("tcp", peer)
	if err != nil {
		conn.Close()
		return
	}
	d.conns = append(d.conns, inside)
	go d.pass(conn, inside)
	go d.pass(inside, conn)
}

func (d *door) pass(to, from net.Conn) {
	defer to.Close()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		d.mu.Lock()
		held := d.state == "held"
		d.mu.Unlock()
		if held {
			io.Copy(io.Discard, from) // taken, and never passed on
			return
		}
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (d *door) set(state string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.state = state
	if state == "shut" {
		for _, conn := range d.conns {
			conn.Close()
		}
		d.conns = nil
	}
}

// Of two peers, one that is gone or hangs is left for the other one, for calls and for blocks, and back again.
func TestCollectorGoesToTheNextPeer(t *testing.T) {
	file := os.Getenv("TILLPROOF_E2E_ENV")
	if file == "" {
		t.Skip("TILLPROOF_E2E_ENV is not set: scripts/test brings a network up and sets it")
	}
	env := readEnv(t, file)
	first, second := newDoor(t, env["TILLPROOF_RETAIL_PEER"]), newDoor(t, env["TILLPROOF_RETAIL_PEER"])
	crypto := material.Directory(env["TILLPROOF_CRYPTO_DIR"])
	files := crypto.Client(material.Collector)
	ledger, err := fabric.Connect(fabric.Config{
		Channel: "tickets", Chaincode: "tickets", MSPID: material.Retail.MSPID,
		Certificate: files.Certificate, PrivateKey: files.Key, TLSCA: crypto.TLSCA(material.Retail),
		Peers: []string{first.address, second.address}, Endorsers: both,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ledger.Close() })
	answers := func(how string) {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); ; {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			err := askFor(ctx, ledger)
			cancel()
			if err == nil {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s: %v", how, err)
			}
		}
	}
	answers("both open")
	first.set("shut")
	answers("the first gone")
	first.set("open")
	second.set("shut")
	answers("the second gone, the first back")
	second.set("open")
	first.set("held")
	answers("the first hangs")
}

// askFor asks for something, and for the first block.
func askFor(ctx context.Context, ledger *fabric.Client) error {
	if err := ledger.Ping(ctx); err != nil {
		return err
	}
	blocks, err := ledger.Blocks(ctx, 0)
	if err != nil {
		return err
	}
	if _, open := <-blocks; !open {
		return errors.New("the stream of blocks ended")
	}
	return nil
}
