package api_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tillproof/tillproof/domain/membercode"
)

// A code names the member of the token, and no cache may keep it.
func TestMemberCode(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	got := s.get("customer-a", "/v1/member-code")
	code := decode[struct {
		Code      string
		ExpiresAt time.Time
	}](t, got)
	key, err := os.ReadFile(filepath.Join(s.keys, membercode.KeyFile))
	if err != nil {
		t.Fatal(err)
	}
	member, err := membercode.Open(membercode.Key(key), code.Code, code.ExpiresAt.Add(-time.Second))
	if want := users["customer-a"].LoyaltyID; err != nil || member != want {
		t.Errorf("the code names %q, %v, want %q", member, err, want)
	}
	if cache := got.Header.Get("Cache-Control"); cache != "no-store" {
		t.Errorf("Cache-Control is %q", cache)
	}
}
