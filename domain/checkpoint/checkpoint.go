// Package checkpoint is the log's signed word on its own state, in the formats of C2SP tlog-checkpoint, signed-note and
// tlog-cosignature.
//
// A checkpoint is the text
//
//	<origin> LF <size in decimal> LF <base64 of the root hash> LF
//
// followed by an empty line and one line a signature:
//
//	— <name> SP <base64 of (key id, 4 ‖ signature)> LF
//
//	key id = first 4 bytes of SHA-256(name ‖ LF ‖ algorithm, 1 ‖ public key, 32)
//
// The operator of the log signs the text by Ed25519 (algorithm 0x01). A witness cosigns (algorithm 0x04): its signature is
// time, 8 bytes big-endian seconds ‖ Ed25519 over "cosignature/v1" LF "time " <time in decimal> LF <text>.
//
// A key is written as <name>+<key id in hex, 8>+<base64 of (algorithm ‖ public key)>.
package checkpoint

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// A Checkpoint is a log's size and root.
type Checkpoint struct {
	Origin string // the log's name
	Size   int64
	Root   tlog.Hash
}

// Text is what is signed.
func (c Checkpoint) Text() string {
	return c.Origin + "\n" + strconv.FormatInt(c.Size, 10) + "\n" + base64.StdEncoding.EncodeToString(c.Root[:]) + "\n"
}

// Parse reads the text of a checkpoint, which has one form and no extension lines.
func Parse(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 {
		return Checkpoint{}, fmt.Errorf("checkpoint: want three lines, origin, size and root, got %d", len(lines)-1)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 {
		return Checkpoint{}, fmt.Errorf("checkpoint: %.30q is not a size", lines[1])
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return Checkpoint{}, fmt.Errorf("checkpoint: %.60q is not a root hash", lines[2])
	}
	c := Checkpoint{Origin: lines[0], Size: size, Root: root}
	if c.Origin == "" || c.Text() != text {
		return Checkpoint{}, fmt.Errorf("checkpoint: it is not in the one form it has")
	}
	return c, nil
}

// split takes a signed checkpoint apart into its text and the lines of signatures.
func split(signed string) (text string, signatures []string, err error) {
	text, rest, found := strings.Cut(signed, "\n\n")
	if !found || rest == "" || !strings.HasSuffix(rest, "\n") {
		return "", nil, fmt.Errorf("checkpoint: it is not signed")
	}
	return text + "\n", strings.SplitAfter(strings.TrimSuffix(rest, "\n"), "\n"), nil
}
