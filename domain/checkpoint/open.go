package checkpoint

import (
	"errors"
	"fmt"
	"time"
)

// Open verifies a signed checkpoint. It must carry the signatures of exactly these keys, in this order, first that of the
// operator, for the log of whose name it must be: what nobody vouches for has no place in it. The time is the witness's.
func Open(signed string, keys ...Key) (c Checkpoint, witnessed time.Time, err error) {
	if len(keys) == 0 || keys[0].algorithm != Operator {
		return c, witnessed, errors.New("checkpoint: the first key must be the operator's")
	}
	text, lines, err := split(signed)
	if err != nil {
		return c, witnessed, err
	}
	if len(lines) != len(keys) {
		return c, witnessed, fmt.Errorf("checkpoint: it has %d signatures, and %d keys are trusted", len(lines), len(keys))
	}
	for i, key := range keys {
		at, err := key.verify(text, lines[i])
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
