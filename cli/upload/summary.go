package upload

import (
	"fmt"
	"strconv"
	"time"
)

// Summary counts what became of the tickets.
type Summary struct {
	Accepted  int64
	Duplicate int64 // already there with the same content
	Rejected  int64
	Took      time.Duration
}

// Tickets is the number of tickets with an answer.
func (s Summary) Tickets() int64 { return s.Accepted + s.Duplicate + s.Rejected }

func (s Summary) String() string {
	return fmt.Sprintf("%s: %s in %.1f s", counted(s.Tickets(), "ticket"), s.verdicts(), s.Took.Seconds())
}

func (s Summary) verdicts() string {
	return fmt.Sprintf("%s accepted, %s duplicate, %s rejected",
		grouped(s.Accepted), grouped(s.Duplicate), grouped(s.Rejected))
}

// counted writes a number with its noun.
func counted(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return grouped(n) + " " + noun + "s"
}

// grouped writes a number that is not negative in groups of three: 1,234,567.
func grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
