package chaos

import (
	"context"
	"encoding/json"
	"errors"

	"golang.org/x/mod/sumdb/tlog"
	"google.golang.org/grpc"

	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/tiles"
	"github.com/tillproof/tillproof/network/block"
	"github.com/tillproof/tillproof/network/identity"
	channel "github.com/tillproof/tillproof/network/ledger"
	"github.com/tillproof/tillproof/network/material"
	"github.com/tillproof/tillproof/network/peerblocks"
	"github.com/tillproof/tillproof/network/peerquery"
)

// A peer is one organisation's copy of the ledger, asked by itself.
type peer struct {
	name   string
	conn   *grpc.ClientConn
	state  *peerquery.Peer
	blocks *peerblocks.Peer
}

func (s *system) openPeers() error {
	for _, p := range []struct {
		name, address string
		as            material.Client
	}{
		{"retail peer", s.env.Get("TILLPROOF_RETAIL_PEER"), material.RetailAuditor},
		{"brands peer", s.env.Get("TILLPROOF_BRANDS_PEER"), material.BrandsAuditor},
	} {
		opened, err := openPeer(material.Directory(s.env.Get("TILLPROOF_CRYPTO_DIR")), p.name, p.address, p.as)
		if err != nil {
			return err
		}
		s.peers = append(s.peers, opened)
	}
	return nil
}

func openPeer(crypto material.Directory, name, address string, as material.Client) (*peer, error) {
	files, ca := crypto.Client(as), crypto.TLSCA(as.Organisation)
	id, err := identity.Load(as.Organisation.MSPID, files.Certificate, files.Key)
	if err != nil {
		return nil, err
	}
	conn, err := identity.Dial(address, ca)
	if err != nil {
		return nil, err
	}
	blocks, err := peerblocks.Open(peerblocks.Config{
		Channel: channel.Channel, Chaincode: channel.Chaincode, MSPID: as.Organisation.MSPID,
		Certificate: files.Certificate, PrivateKey: files.Key, Peer: address, TLSCA: ca,
	})
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &peer{name, conn, peerquery.New(conn, id, channel.Channel, channel.Chaincode), blocks}, nil
}

func (p *peer) close() { errors.Join(p.blocks.Close(), p.conn.Close()) }

// records counts the tickets on the peer.
func (p *peer) records(ctx context.Context) (int, error) { return p.state.CountRecords(ctx) }

// balance is what an account has, open holds included.
func (p *peer) balance(ctx context.Context, account ledger.Account) (int64, error) {
	text, err := p.state.Evaluate(ctx, "ReadAccount", account.String())
	if err != nil {
		return 0, err
	}
	var answer ledger.AccountAnswer
	err = json.Unmarshal(text, &answer)
	return answer.Balance, err
}

var errRead = errors.New("read to the end")

// log rebuilds the Merkle log from the peer's blocks, and gives its size and root.
func (p *peer) log(ctx context.Context) (size int64, root tlog.Hash, err error) {
	height, err := p.blocks.Height(ctx)
	if err != nil {
		return 0, root, err
	}
	appender, err := tiles.NewAppender(0, func([]tiles.ID) (map[tiles.ID][]byte, error) { return nil, nil })
	if err != nil {
		return 0, root, err
	}
	err = p.blocks.Follow(ctx, 0, func(number uint64, recorded []block.Recorded) error {
		for _, r := range recorded {
			appender.Append([]tlog.Hash{tlog.RecordHash(ledger.LogEntry(channel.Channel, r.Key, r.Commitment))})
		}
		if number+1 >= height {
			return errRead
		}
		return nil
	})
	if !errors.Is(err, errRead) {
		return 0, root, err
	}
	root, err = appender.Root()
	return appender.Size(), root, err
}
