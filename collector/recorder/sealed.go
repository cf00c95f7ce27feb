package recorder

import (
	"time"

	"github.com/tillproof/tillproof/hotstate"
)

// Seal commits and encrypts a ticket as a recorder does, and gives the batch that records it alone. It is for those who
// measure the ledger without a recorder before it.
func Seal(keys Keys, ticket hotstate.TicketToRecord) (batch []byte, err error) {
	r := Recorder{keys: keys, now: time.Now}
	sealed := r.commit([]hotstate.TicketToRecord{ticket})
	if sealed.fault != nil {
		return nil, sealed.fault
	}
	if err := r.seal(&sealed); err != nil {
		return nil, err
	}
	return sealed.encode()
}
