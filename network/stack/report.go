package stack

import (
	"context"
	"fmt"
	"time"

	"github.com/tillproof/tillproof/network/demo"
	"github.com/tillproof/tillproof/network/identity"
	"github.com/tillproof/tillproof/network/ledger"
	"github.com/tillproof/tillproof/network/material"
	"github.com/tillproof/tillproof/network/peerquery"
)

// A Report is what a system that is up says of itself.
type Report struct {
	CollectorURL, QueryURL string
	DatabaseURL            string // its owner's
	EnvFile                string
	Logins                 []Login

	demo.Reconciliation
	OnRetailPeer, OnBrandsPeer int // tickets, each peer asked by itself

	Points *int64     // the demo customer's, if there is one
	Sold   *demo.Sold // what the demo manufacturer sold, if there is one
}

// A Login is one of the demo's.
type Login struct{ User, Password string }

func (s *stack) report(ctx context.Context) (*Report, error) {
	loader := s.loader()
	reconciliation, err := loader.AwaitRecorded(ctx)
	if err != nil {
		return nil, err
	}
	r := &Report{
		CollectorURL: s.ports.CollectorURL(), QueryURL: s.ports.QueryURL(),
		DatabaseURL: s.database.owner, EnvFile: s.envFile(),
		Reconciliation: reconciliation,
	}
	if err := s.askPeers(ctx, r); err != nil {
		return nil, err
	}
	if err := s.lookAround(ctx, loader, r); err != nil {
		return nil, err
	}
	return r, nil
}

// lookAround sees what the demo's users see.
func (s *stack) lookAround(ctx context.Context, loader demo.Loader, r *Report) error {
	present, err := s.readLoaded()
	if err != nil {
		return err
	}
	for _, user := range append([]string{demo.Admin, demo.Auditor}, present.Users...) {
		r.Logins = append(r.Logins, Login{User: user, Password: s.env.Get(passwordKey(user))})
		switch user {
		case demo.Customer:
			points, err := loader.Points(ctx)
			if err != nil {
				return fmt.Errorf("ask for the demo customer's points: %w", err)
			}
			r.Points = &points
		case demo.Maker:
			sold, err := loader.Sold(ctx)
			if err != nil {
				return fmt.Errorf("ask for the demo manufacturer's sales: %w", err)
			}
			r.Sold = &sold
		}
	}
	return nil
}

// agreeWithin is how long one peer may be behind the other.
const agreeWithin = 30 * time.Second

// askPeers asks each organisation's own peer, as that organisation's client.
func (s *stack) askPeers(ctx context.Context, r *Report) error {
	deadline := time.Now().Add(agreeWithin)
	for {
		var err error
		if r.OnRetailPeer, err = s.countOn(ctx, s.retailPeer(), material.RetailAuditor); err != nil {
			return err
		}
		if r.OnBrandsPeer, err = s.countOn(ctx, s.brandsPeer(), material.BrandsAuditor); err != nil {
			return err
		}
		complete := r.OnRetailPeer == r.OnBrandsPeer && int64(r.OnRetailPeer) >= r.Recorded
		if complete || time.Now().After(deadline) {
			return r.check()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
}

func (s *stack) countOn(ctx context.Context, p ledger.Peer, as material.Client) (int, error) {
	files := s.material().Client(as)
	id, err := identity.Load(as.Organisation.MSPID, files.Certificate, files.Key)
	if err != nil {
		return 0, err
	}
	conn, err := identity.Dial(p.Address, s.material().TLSCA(p.Organisation))
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	n, err := peerquery.New(conn, id, ledger.Channel, ledger.Chaincode).CountRecords(ctx)
	if err != nil {
		return 0, fmt.Errorf("count the tickets on the %s peer: %w", p.Name, err)
	}
	return n, nil
}

// check is the promise: what was accepted is on both peers.
func (r *Report) check() error {
	if r.OnRetailPeer != r.OnBrandsPeer {
		return fmt.Errorf("the two peers disagree: the retail peer holds %d tickets, the brands peer %d", r.OnRetailPeer, r.OnBrandsPeer)
	}
	if int64(r.OnRetailPeer) < r.Recorded {
		return fmt.Errorf("tickets are missing: %d count as recorded, but the peers hold %d", r.Recorded, r.OnRetailPeer)
	}
	return nil
}
