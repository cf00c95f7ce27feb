package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"google.golang.org/grpc"

	"github.com/tillproof/tillproof/collector/fabric"
	"github.com/tillproof/tillproof/collector/keyring"
	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/network/demo"
	"github.com/tillproof/tillproof/network/envfile"
	"github.com/tillproof/tillproof/network/identity"
	"github.com/tillproof/tillproof/network/ledger"
	"github.com/tillproof/tillproof/network/material"
	"github.com/tillproof/tillproof/network/peerquery"
	"github.com/tillproof/tillproof/network/servers"
)

// A system is the one that is measured, with all ways into it.
type system struct {
	env     *envfile.File
	run     string // the run directory, which has the env file in it
	client  *http.Client
	admin   string // access token
	tillKey string
	pool    *pgxpool.Pool
	keys    *keyring.Keyring
	ledger  *fabric.Client
	peers   []*peerquery.Peer // each organisation's, asked about its own copy
	conns   []*grpc.ClientConn
	work    *workload
}

func open(ctx context.Context, envFile string) (s *system, err error) {
	env, err := envfile.Read(envFile)
	if err != nil {
		return nil, err
	}
	if env.Get("TILLPROOF_COLLECTOR_URL") == "" {
		return nil, fmt.Errorf("%s does not describe a running system: start one with scripts/up", envFile)
	}
	s = &system{env: env, run: filepath.Dir(envFile), work: newWorkload(), client: &http.Client{
		Timeout:   10 * time.Minute,
		Transport: &http.Transport{MaxIdleConnsPerHost: maxRequests, MaxIdleConns: maxRequests},
	}}
	for _, step := range []func(context.Context) error{s.openDatabase, s.openLedger, s.openPeers, s.register} {
		if err := step(ctx); err != nil {
			s.close()
			return nil, err
		}
	}
	return s, nil
}

func (s *system) close() {
	if s.pool != nil {
		s.pool.Close()
	}
	if s.ledger != nil {
		s.ledger.Close()
	}
	for _, conn := range s.conns {
		conn.Close()
	}
}

func (s *system) openDatabase(ctx context.Context) (err error) {
	if s.pool, err = hotstate.Open(ctx, s.env.Get("TILLPROOF_COLLECTOR_DATABASE_URL")); err != nil {
		return err
	}
	s.keys, err = keyring.Open(s.env.Get("TILLPROOF_KEYS_DIR"))
	return err
}

func (s *system) crypto() material.Directory {
	return material.Directory(s.env.Get("TILLPROOF_CRYPTO_DIR"))
}

func (s *system) openLedger(context.Context) (err error) {
	client := s.crypto().Client(material.Collector)
	s.ledger, err = fabric.Connect(fabric.Config{
		Channel: ledger.Channel, Chaincode: ledger.Chaincode,
		MSPID: material.Retail.MSPID, Certificate: client.Certificate, PrivateKey: client.Key,
		Peers: []string{s.env.Get("TILLPROOF_RETAIL_PEER")}, TLSCA: s.crypto().TLSCA(material.Retail),
		Endorsers: []string{material.Retail.MSPID, material.Brands.MSPID},
	})
	return err
}

func (s *system) openPeers(context.Context) error {
	for _, p := range []struct {
		address string
		as      material.Client
	}{
		{s.env.Get("TILLPROOF_RETAIL_PEER"), material.RetailAuditor},
		{s.env.Get("TILLPROOF_BRANDS_PEER"), material.BrandsAuditor},
	} {
		files := s.crypto().Client(p.as)
		id, err := identity.Load(p.as.Organisation.MSPID, files.Certificate, files.Key)
		if err != nil {
			return err
		}
		conn, err := identity.Dial(p.address, s.crypto().TLSCA(p.as.Organisation))
		if err != nil {
			return err
		}
		s.conns = append(s.conns, conn)
		s.peers = append(s.peers, peerquery.New(conn, id, ledger.Channel, systemChaincode))
	}
	return nil
}

// register signs in, and makes the store and its till's key.
func (s *system) register(ctx context.Context) error {
	public := servers.Servers{Collector: s.collector(""), Query: s.env.Get("TILLPROOF_QUERY_URL")}
	admin, err := public.SignIn(ctx, demo.Admin, s.env.Get("TILLPROOF_PASSWORD_ADMIN"))
	if err != nil {
		return err
	}
	s.admin = admin.Token
	s.tillKey, err = admin.OpenStore(ctx, s.work.store, "Bench", "EUR")
	return err
}

func (s *system) collector(path string) string { return s.env.Get("TILLPROOF_COLLECTOR_URL") + path }

var errRefused = errors.New("the collector did not take everything")
