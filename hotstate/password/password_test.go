package password

import (
	"strings"
	"testing"
)

func TestVerify(t *testing.T) {
	t.Parallel()
	phc := Hash("correct horse")
	if ok, err := Verify(phc, "correct horse"); !ok || err != nil {
		t.Errorf("the right password: %v, %v", ok, err)
	}
	for _, wrong := range []string{"", "correct hors", "Correct horse", "correct horse "} {
		if ok, err := Verify(phc, wrong); ok || err != nil {
			t.Errorf("%q: %v, %v", wrong, ok, err)
		}
	}
	if Hash("correct horse") == phc {
		t.Error("two hashes of one password are the same: the salt is missing")
	}
}

func TestVerifyRefusesMalformed(t *testing.T) {
	t.Parallel()
	good := Hash("correct horse")
	for name, phc := range map[string]string{
		"empty":            "",
		"plain text":       "correct horse",
		"other algorithm":  strings.Replace(good, "argon2id", "argon2i", 1),
		"other version":    strings.Replace(good, "v=19", "v=16", 1),
		"no passes":        strings.Replace(good, "t=2", "t=0", 1),
		"no threads":       strings.Replace(good, "p=1", "p=0", 1),
		"a huge memory":    strings.Replace(good, "m=19456", "m=4294967295", 1),
		"broken base64":    good[:len(good)-3] + "!!!",
		"a shortened hash": good[:strings.LastIndex(good, "$")+5],
	} {
		if ok, err := Verify(phc, "correct horse"); ok || err == nil {
			t.Errorf("%s: accepted (%v, %v)", name, ok, err)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for password, fit := range map[string]bool{
		"": false, "seven77": false, "eight888": true, "öäüöäüöä": true, "öäüö": false,
		strings.Repeat("x", MaxBytes): true, strings.Repeat("x", MaxBytes+1): false,
	} {
		if err := Check(password); (err == nil) != fit {
			t.Errorf("%d bytes: %v", len(password), err)
		}
	}
}
