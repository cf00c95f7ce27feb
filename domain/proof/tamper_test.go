package proof_test

import (
	"testing"

	"github.com/tillproof/tillproof/domain/proof"
)

// Each byte of a bundle, one at a time, is changed in two ways and left out: each time it is refused. This goes for the
// signatures, hashes and texts of the log and for what comes from Ethereum, down to headers and receipts.
func TestEveryByteIsCovered(t *testing.T) {
	t.Parallel()
	for name, b := range map[string]*proof.Bundle{
		"whole, of version 1": first(bundle(t, sale, 1000, 617, whole)),
		"line, not anchored":  bundle(t, sale, 3, 1, oneLine),
		"anchored before":     anchoredBundle(t, withLines(2), 40, 2, 30, oneLine),
		"anchored after":      anchoredBundle(t, withLines(2), 40, 2, 50, oneLine),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			everyByteIsCovered(t, must(b.Encode()))
		})
	}
}

func everyByteIsCovered(t *testing.T, encoded []byte) {
	t.Helper()
	if err := verify(encoded, trust); err != nil {
		t.Fatal(err)
	}
	tampered := make([]byte, len(encoded))
	for i := range encoded {
		for _, flip := range []byte{0x01, 0x20} {
			copy(tampered, encoded)
			tampered[i] ^= flip
			if verify(tampered, trust) == nil {
				t.Errorf("byte %d %q may become %q", i, encoded[i], tampered[i])
			}
		}
		if verify(append(append([]byte(nil), encoded[:i]...), encoded[i+1:]...), trust) == nil {
			t.Errorf("byte %d %q may be missing", i, encoded[i])
		}
	}
	if verify(append(encoded, '\n'), trust) == nil {
		t.Error("a line feed may stand at the end")
	}
}
