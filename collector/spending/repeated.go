package spending

import (
	"context"

	"github.com/tillproof/tillproof/hotstate"
)

// Redeemed finds the redemption that the same request made before, and waits for a while until the ledger has decided; or
// hotstate.ErrNotFound. Who asks before looking at the member code lets a till repeat its request after the code has expired.
func (s *Service) Redeemed(ctx context.Context, by Request) (hotstate.Redemption, error) {
	return s.redeemed(ctx, s.request(by))
}
