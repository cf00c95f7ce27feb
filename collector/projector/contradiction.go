package projector

import (
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/prometheus/client_golang/prometheus"
)

// A Contradiction says that the ledger and what was recorded of it before cannot both be right, so that trying again does not
// help. The view stays as it was before the block, for whoever has to look into it.
type Contradiction struct {
	reason string
	cause  error
}

func (c *Contradiction) Error() string { return fmt.Sprintf("%s: %v", c.reason, c.cause) }
func (c *Contradiction) Unwrap() error { return c.cause }

// Reason says what is wrong and what to do, without a word of any ticket: anyone may be told.
func (c *Contradiction) Reason() string { return c.reason }

// contradicts recognises in a block's failure that its rows are there already, or cannot stand beside those that are: the
// database's integrity constraints say so (SQLSTATE class 23). The chaincode writes nothing twice while both organisations
// endorse it, so either it was overruled, or somebody changed the database.
func contradicts(number uint64, err error) error {
	var refused *pgconn.PgError
	if !errors.As(err, &refused) || !strings.HasPrefix(refused.Code, "23") {
		return err
	}
	return &Contradiction{cause: err, reason: fmt.Sprintf(
		"block %d of the ledger contradicts what was recorded before it, and nothing of it is shown; hold the log against both "+
			"organisations' peers (tillproof audit) and look who changed the chaincode or its endorsement policy; "+
			"if the peers agree with each other, the database was changed: make the view again (tillproof-collector rebuild)", number)}
}

// Metrics are the projector's, for a registry.
func (p *Projector) Metrics() []prometheus.Collector {
	return []prometheus.Collector{prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "tillproof_projector_contradiction",
		Help: "1 while the ledger contradicts what was recorded of it: the view stands still until somebody has looked.",
	}, func() float64 {
		var contradiction *Contradiction
		if failure := p.failure.Load(); failure != nil && errors.As(*failure, &contradiction) {
			return 1
		}
		return 0
	})}
}
