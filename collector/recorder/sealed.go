package recorder

import (
	"time"

	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/hotstate"
)

// Seal commits and encrypts tickets as a recorder does, in the order of their keys. It is for those who measure the
// ledger without a recorder before it.
func Seal(keys Keys, tickets []hotstate.TicketToRecord) ([]ledger.Submission, error) {
	r := Recorder{keys: keys, now: time.Now}
	batch := r.seal(tickets)
	return batch.submissions, batch.fault
}
