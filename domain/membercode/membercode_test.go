package membercode_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tillproof/tillproof/domain/membercode"
)

var (
	key     = membercode.Key{1, 2, 3}
	expires = time.Unix(1_800_000_000, 0)
	before  = expires.Add(-time.Second)
)

func seal(t testing.TB, id string) string {
	t.Helper()
	code, err := membercode.Seal(key, id, expires, [12]byte{7})
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func TestCodeNamesTheMember(t *testing.T) {
	for _, id := range []string{"7", "DH-1", "ä member/with ünicode", strings.Repeat("x", 64), strings.Repeat("x", 255)} {
		got, err := membercode.Open(key, seal(t, id), before)
		if err != nil || got != id {
			t.Errorf("%q came back as %q, %v", id, got, err)
		}
	}
}

func TestCodeIsRefused(t *testing.T) {
	good := seal(t, "DH-1")
	for name, c := range map[string]struct {
		key  membercode.Key
		code string
		at   time.Time
		want error
	}{
		"expired":           {key, good, expires, membercode.ErrExpired},
		"another key":       {membercode.Key{9}, good, before, membercode.ErrInvalid},
		"expiry lengthened": {key, good[:8] + "77" + good[10:], before, membercode.ErrInvalid},
		"cut short":         {key, good[:len(good)-8], before, membercode.ErrInvalid},
		"a line break more": {key, good + "\n", before, membercode.ErrInvalid},
		"empty":             {key, "", before, membercode.ErrInvalid},
		"lower case":        {key, strings.ToLower(good), before, membercode.ErrInvalid},
		"a loyalty id":      {key, "DH-1", before, membercode.ErrInvalid},
	} {
		if id, err := membercode.Open(c.key, c.code, c.at); !errors.Is(err, c.want) {
			t.Errorf("%s: got %q, %v, want %v", name, id, err, c.want)
		}
	}
	if _, err := membercode.Seal(key, strings.Repeat("x", 256), expires, [12]byte{}); err == nil {
		t.Error("a loyalty id that does not fit was sealed")
	}
}

// The length of a code does not tell similar loyalty ids apart.
func TestCodesAreOfOneLength(t *testing.T) {
	if len(seal(t, "1")) != len(seal(t, strings.Repeat("9", 31))) {
		t.Error("short loyalty ids have shorter codes")
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(seal(f, "DH-1"))
	f.Add("")
	f.Add("AE======")
	f.Fuzz(func(t *testing.T, code string) {
		if id, err := membercode.Open(key, code, before); err == nil && code != seal(t, "DH-1") {
			t.Errorf("%q opens as %q, and was never sealed", code, id)
		}
	})
}
