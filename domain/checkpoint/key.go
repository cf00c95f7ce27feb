package checkpoint

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Algorithm says what a key signs.
type Algorithm byte

const (
	Operator Algorithm = 0x01 // the text
	Witness  Algorithm = 0x04 // the text and the time
)

// A Key verifies the signatures of one signer. It is comparable, and the zero value is none.
type Key struct {
	name      string
	algorithm Algorithm
	public    [ed25519.PublicKeySize]byte
}

// ParseKey reads a key from its text.
func ParseKey(text string) (Key, error) {
	name, rest, _ := strings.Cut(strings.TrimSpace(text), "+")
	id, encoded, _ := strings.Cut(rest, "+")
	bytes, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(bytes) != 1+ed25519.PublicKeySize || !validName(name) {
		return Key{}, errors.New("it is not a key of the form name+id+base64")
	}
	key := Key{name: name, algorithm: Algorithm(bytes[0]), public: [ed25519.PublicKeySize]byte(bytes[1:])}
	if key.algorithm != Operator && key.algorithm != Witness {
		return Key{}, fmt.Errorf("the key's algorithm 0x%02x is not known here", bytes[0])
	}
	if keyID := key.id(); hex.EncodeToString(keyID[:]) != id {
		return Key{}, errors.New("the key's id does not belong to it: it was copied wrongly")
	}
	return key, nil
}

// String gives the key's text.
func (k Key) String() string {
	id := k.id()
	return k.name + "+" + hex.EncodeToString(id[:]) + "+" + base64.StdEncoding.EncodeToString(k.bytes())
}

// Name is the signer's. An operator's is the origin of its log.
func (k Key) Name() string { return k.name }

// Algorithm says what the key signs.
func (k Key) Algorithm() Algorithm { return k.algorithm }

func (k Key) bytes() []byte { return append([]byte{byte(k.algorithm)}, k.public[:]...) }

func (k Key) id() [4]byte {
	sum := sha256.Sum256(append([]byte(k.name+"\n"), k.bytes()...))
	return [4]byte(sum[:])
}

// prefix begins each of the key's signature lines.
func (k Key) prefix() string { return "— " + k.name + " " }

// verify checks a signature line over a text, and gives the time that a witness signed.
func (k Key) verify(text, line string) (time.Time, error) {
	encoded, ours := strings.CutPrefix(strings.TrimSuffix(line, "\n"), k.prefix())
	decoded, err := base64.StdEncoding.Strict().DecodeString(encoded)
	id := k.id()
	if !ours || err != nil || !bytes.HasPrefix(decoded, id[:]) {
		return time.Time{}, fmt.Errorf("the signature %.60q is not by the key of %s", line, k.name)
	}
	signature, message, at := decoded[len(id):], []byte(text), time.Time{}
	if k.algorithm == Witness {
		if len(signature) < 8 {
			return at, fmt.Errorf("the cosignature of %s is cut short", k.name)
		}
		seconds := binary.BigEndian.Uint64(signature)
		signature, message, at = signature[8:], cosigned(seconds, text), time.Unix(int64(seconds), 0).UTC()
	}
	if len(signature) != ed25519.SignatureSize || !ed25519.Verify(k.public[:], message, signature) {
		return time.Time{}, fmt.Errorf("the signature of %s does not hold", k.name)
	}
	return at, nil
}

func cosigned(seconds uint64, text string) []byte {
	return fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", seconds, text)
}

// validName refuses what would make a signature line ambiguous.
func validName(name string) bool {
	return name != "" && len(name) <= 200 && !strings.ContainsFunc(name, func(c rune) bool { return c <= ' ' || c == '+' || c >= 0x7f })
}

// A Signer signs checkpoints with one key.
type Signer struct {
	Key
	private ed25519.PrivateKey
	now     func() time.Time
}

// NewOperator signs for the log of this name.
func NewOperator(origin string, seed [ed25519.SeedSize]byte) (*Signer, error) {
	return newSigner(origin, Operator, seed, nil)
}

// NewWitness cosigns under this name.
func NewWitness(name string, seed [ed25519.SeedSize]byte, now func() time.Time) (*Signer, error) {
	return newSigner(name, Witness, seed, now)
}

func newSigner(name string, algorithm Algorithm, seed [ed25519.SeedSize]byte, now func() time.Time) (*Signer, error) {
	if !validName(name) {
		return nil, fmt.Errorf("%.60q cannot name a signer: it must be ASCII without spaces and +", name)
	}
	private := ed25519.NewKeyFromSeed(seed[:])
	public := [ed25519.PublicKeySize]byte(private.Public().(ed25519.PublicKey))
	return &Signer{Key: Key{name, algorithm, public}, private: private, now: now}, nil
}

// Line gives the line of this signer's signature on a checkpoint.
func (s *Signer) Line(c Checkpoint) string {
	text, id := c.Text(), s.id()
	signature := id[:]
	if s.algorithm == Witness {
		seconds := uint64(s.now().Unix())
		signature = binary.BigEndian.AppendUint64(signature, seconds)
		signature = append(signature, ed25519.Sign(s.private, cosigned(seconds, text))...)
	} else {
		signature = append(signature, ed25519.Sign(s.private, []byte(text))...)
	}
	return s.prefix() + base64.StdEncoding.EncodeToString(signature) + "\n"
}

// Sign gives a checkpoint with this signer's signature alone.
func (s *Signer) Sign(c Checkpoint) string { return c.Text() + "\n" + s.Line(c) }
