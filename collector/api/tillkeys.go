package api

import (
	"net/http"

	"github.com/tillproof/tillproof/collector/auth"
	"github.com/tillproof/tillproof/hotstate"
)

// newTillKey is shown once: only its hash is kept.
type newTillKey struct {
	Key string `json:"key"`
	hotstate.TillKey
}

func (s *Server) postTillKey(w http.ResponseWriter, r *http.Request, _ auth.Caller) error {
	key := auth.NewTillKey()
	hash := auth.HashTillKey(key)
	created, err := hotstate.CreateTillKey(r.Context(), s.Pool, pathValue(r, "storeId"), hash[:])
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return writeJSON(w, http.StatusCreated, newTillKey{key, created})
}

func (s *Server) listTillKeys(w http.ResponseWriter, r *http.Request, _ auth.Caller) error {
	storeID := pathValue(r, "storeId")
	if _, err := one(s, r, storeID, hotstate.StoresByID); err != nil {
		return err
	}
	return s.writeTillKeys(w, r, storeID)
}

// listAllTillKeys is for who looks for a key and does not know its store.
func (s *Server) listAllTillKeys(w http.ResponseWriter, r *http.Request, _ auth.Caller) error {
	return s.writeTillKeys(w, r, "")
}

func (s *Server) writeTillKeys(w http.ResponseWriter, r *http.Request, storeID string) error {
	list := func(r *http.Request, page hotstate.Page) ([]hotstate.TillKey, error) {
		return hotstate.ListTillKeys(r.Context(), s.Pool, storeID, page)
	}
	return writePage(w, r, list, func(key hotstate.TillKey) []string { return []string{key.StoreID, key.KeyID} })
}

func (s *Server) deleteTillKey(w http.ResponseWriter, r *http.Request, _ auth.Caller) error {
	if err := hotstate.RevokeTillKey(r.Context(), s.Pool, pathValue(r, "storeId"), pathValue(r, "keyId")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
