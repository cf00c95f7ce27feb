package api

import (
	"net/http"
	"time"
)

type memberCodeAnswer struct {
	Code      string    `json:"code"`
	ExpiresAt time.Time `json:"expiresAt"`
	QR        string    `json:"qr"` // a data: URL of an SVG image
}

// memberCode makes a code for the member to show at a till. Nothing is kept of it here.
func (s *server) memberCode(w http.ResponseWriter, r *http.Request) {
	if err := readParameters(r).err(); err != nil {
		s.fail(w, r, err)
		return
	}
	code, err := s.MemberCodes.New(caller(r).LoyaltyID)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, http.StatusOK, memberCodeAnswer{code.Text, code.ExpiresAt, code.QR})
}
