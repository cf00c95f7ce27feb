package api

import (
	"net/http"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/hotstate"
)

type reconciliationAnswer struct {
	hotstate.Reconciliation
	AsOf hotstate.AsOf `json:"asOf"`
}

func (s *server) reconciliation(w http.ResponseWriter, r *http.Request) {
	if err := readParameters(r).err(); err != nil {
		s.fail(w, r, err)
		return
	}
	var answer reconciliationAnswer
	actor := caller(r).Actor()
	err := hotstate.As(r.Context(), s.Pool, actor, func(tx pgx.Tx) (err error) {
		if answer.Reconciliation, err = hotstate.ReadReconciliation(r.Context(), tx, actor); err != nil {
			return err
		}
		answer.AsOf, err = hotstate.ReadAsOf(r.Context(), tx)
		return err
	})
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, answer)
}
