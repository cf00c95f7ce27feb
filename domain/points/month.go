package points

import (
	"fmt"
	"time"
)

// A Month is year × 12 + month − 1. Points that expire in a month are good to its end, in UTC.
type Month uint32

// Never is the month of points that do not expire.
const Never Month = 0

// MonthOf gives the month of a time, in UTC.
func MonthOf(t time.Time) Month {
	t = t.UTC()
	return Month(t.Year()*12 + int(t.Month()) - 1)
}

// Before tells whether points of this month expire before those of another: what never expires comes last.
func (m Month) Before(other Month) bool { return m != Never && (other == Never || m < other) }

// Passed tells whether points of this month have expired at a time.
func (m Month) Passed(at time.Time) bool { return m != Never && m < MonthOf(at) }

// String gives the month as YYYY-MM.
func (m Month) String() string {
	if m == Never {
		return "never"
	}
	return fmt.Sprintf("%04d-%02d", m/12, m%12+1)
}

// LastDay gives the last day on which points of this month are good, YYYY-MM-DD; "" for Never.
func (m Month) LastDay() string {
	if m == Never {
		return ""
	}
	return time.Date(int(m/12), time.Month(m%12)+2, 0, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}
