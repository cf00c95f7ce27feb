package projector

import (
	"context"

	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"github.com/jackc/pgx/v5"
)

// Read is what the benchmark measures apart.
var Read = (*Projector).read

// Project reads a block and writes it, one after the other.
func Project(p *Projector, ctx context.Context, conn *pgx.Conn, b *peer.BlockAndPrivateData) error {
	projection, err := p.read(ctx, b)
	if err != nil {
		return err
	}
	return p.write(ctx, conn, projection)
}
