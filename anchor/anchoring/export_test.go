package anchoring

import "context"

// Once is what Run does again and again.
func (s *Service) Once(ctx context.Context) { s.round(ctx) }
