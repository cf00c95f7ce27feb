package hotstate_test

import (
	"strings"
	"testing"

	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

func exec(t *testing.T, db *hotstatetest.Database, sql string, args ...any) {
	t.Helper()
	if _, err := db.Owner.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func requireContains(t *testing.T, text, part string) {
	t.Helper()
	if !strings.Contains(text, part) {
		t.Errorf("%q lacks %q", text, part)
	}
}

func requireNotContains(t *testing.T, text, part string) {
	t.Helper()
	if strings.Contains(text, part) {
		t.Errorf("%q holds %q", text, part)
	}
}
