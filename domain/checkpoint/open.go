package checkpoint

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Open verifies that these keys have signed a checkpoint, first that of the operator, for the log of whose name it must be.
// Signatures by others are ignored, as in any signed note. The time is the witness's.
func Open(signed string, keys ...Key) (c Checkpoint, witnessed time.Time, err error) {
	if len(keys) == 0 || keys[0].algorithm != Operator {
		return c, witnessed, errors.New("checkpoint: the first key must be the operator's")
	}
	text, lines, err := split(signed)
	if err != nil {
		return c, witnessed, err
	}
	for _, key := range keys {
		at, err := key.find(text, lines)
		if err != nil {
			return c, witnessed, fmt.Errorf("checkpoint: %w", err)
		}
		if key.algorithm == Witness {
			witnessed = at
		}
	}
	if c, err = Parse(text); err != nil {
		return c, witnessed, err
	}
	if c.Origin != keys[0].name {
		return c, witnessed, fmt.Errorf("checkpoint: it is of the log %q, not of %q", c.Origin, keys[0].name)
	}
	return c, witnessed, nil
}

// OpenExactly is Open for a checkpoint that has the signatures of exactly these keys, in this order: what nobody vouches for
// has no place in it.
func OpenExactly(signed string, keys ...Key) (Checkpoint, time.Time, error) {
	c, witnessed, err := Open(signed, keys...)
	if err != nil {
		return c, witnessed, err
	}
	_, lines, _ := split(signed)
	if len(lines) != len(keys) {
		return Checkpoint{}, time.Time{}, fmt.Errorf("checkpoint: it has %d signatures, and %d keys are trusted", len(lines), len(keys))
	}
	for i, key := range keys {
		if !strings.HasPrefix(lines[i], key.prefix()) {
			return Checkpoint{}, time.Time{}, errors.New("checkpoint: its signatures are not in order, first the operator's, then the witness's")
		}
	}
	return c, witnessed, nil
}

// find looks for the key's signature.
func (k Key) find(text string, lines []string) (time.Time, error) {
	for _, line := range lines {
		if strings.HasPrefix(line, k.prefix()) {
			return k.verify(text, line)
		}
	}
	return time.Time{}, fmt.Errorf("%s has not signed it", k.name)
}

// Signatures counts the signatures of a signed checkpoint, without verifying any.
func Signatures(signed string) int {
	_, lines, err := split(signed)
	if err != nil {
		return 0
	}
	return len(lines)
}

// Text reads what a signed checkpoint says, without verifying who signed it.
func Text(signed string) (Checkpoint, error) {
	text, _, err := split(signed)
	if err != nil {
		return Checkpoint{}, err
	}
	return Parse(text)
}
