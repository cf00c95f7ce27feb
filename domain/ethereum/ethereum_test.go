package ethereum

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
)

func TestKeccak(t *testing.T) {
	if got := Keccak(nil).String(); got != "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470" {
		t.Errorf("of nothing it is %s", got)
	}
	if Keccak([]byte("ab"), []byte("c")) != Keccak([]byte("abc")) {
		t.Error("parts are not joined")
	}
}

// The examples of EIP-55, and mistyped ones.
func TestAddresses(t *testing.T) {
	const good = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
	for text, want := range map[string]bool{
		good: true, good[2:]: true, strings.ToLower(good): true, "0x" + strings.ToUpper(good[2:]): true,
		"0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359": true,
		"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed": false, good[:40]: false, good + "00": false, "": false,
		"0xzaAeb6053F3E94C9b9A09f33669435E7Ef1BeAed": false,
	} {
		a, err := ParseAddress(text)
		if (err == nil) != want {
			t.Errorf("%q: %v", text, err)
		}
		if again, err := ParseAddress(a.String()); err != nil || again != a {
			t.Errorf("%s is not read back: %v", a, err)
		}
	}
}

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	decoded, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return decoded
}

func TestRLP(t *testing.T) {
	for encoded, want := range map[string]bool{
		"c0": true, "c3010203": true, "c100": true, "c180": true, "c28180": true, "f838" + strings.Repeat("01", 56): true,
		"":            false,                                           // nothing
		"c1":          false,                                           // cut short
		"c0c0":        false,                                           // something behind
		"80":          false,                                           // no list
		"c28101":      false,                                           // 1 stands for itself
		"f801" + "01": false, "f837" + strings.Repeat("01", 55): false, // short enough for the short form
		"f90038" + strings.Repeat("01", 56): false, // a length with a leading zero
		"ff":                                false, "ffffffffffffffffff01": false, "c1bf": false, "c9bfffffffffffffffff": false,
	} {
		if _, err := decodeList(unhex(t, encoded)); (err == nil) != want {
			t.Errorf("%.40s: %v", encoded, err)
		}
	}
	for encoded, want := range map[string]uint64{"c0": 0, "c101": 1, "c28180": 128, "c988ffffffffffffffff": 1<<64 - 1} {
		items, err := decodeList(unhex(t, encoded))
		if err != nil {
			t.Fatal(err)
		}
		var n uint64
		if len(items) > 0 {
			n, err = items[0].number()
		}
		if err != nil || n != want {
			t.Errorf("%s: %d, %v", encoded, n, err)
		}
	}
	for _, encoded := range []string{"c3820001", "c100", "ca89010000000000000000", "c1c0"} {
		if items, err := decodeList(unhex(t, encoded)); err == nil {
			if _, err := items[0].number(); err == nil {
				t.Errorf("%s is taken for a number", encoded)
			}
		}
	}
	for n, want := range map[uint64]string{0: "80", 1: "01", 127: "7f", 128: "8180", 256: "820100"} {
		if got := encodeIndex(n); !bytes.Equal(got, unhex(t, want)) {
			t.Errorf("%d: %x", n, got)
		}
	}
}

// What decodes anything from outside must not panic, whatever comes.
func FuzzDecode(f *testing.F) {
	f.Add([]byte{0xc3, 1, 2, 3}, uint64(0))
	f.Add([]byte{2, 0xc4, 1, 0x80, 0x80, 0xc0}, uint64(200))
	f.Fuzz(func(t *testing.T, encoded []byte, index uint64) {
		DecodeHeader(encoded)
		DecodeReceipt(encoded)
		Lookup(Keccak(encoded), index, [][]byte{encoded})
		var signature Signature
		copy(signature[:], encoded)
		signature[64] = 27
		signature.Signer(Keccak(encoded))
	})
}
