package simulate

import "time"

const day = 24 * time.Hour

// weekdays is how a week's trade divides, from Sunday to Saturday.
var weekdays = [7]int{0, 14, 13, 14, 16, 20, 23}

// Opening hours, by the clock of the store's own place.
const (
	opens     = 7
	closes    = 21
	closeLate = 25 // one in the morning
)

// How a day's trade divides over the hours from opening on.
var (
	onWeekdays   = weigh(3, 5, 6, 7, 8, 10, 8, 6, 7, 9, 12, 11, 7, 4)
	onSaturday   = weigh(2, 6, 9, 12, 13, 12, 10, 9, 8, 7, 6, 4, 3, 2)
	lateFriday   = weigh(3, 5, 6, 7, 8, 10, 8, 6, 7, 9, 12, 11, 7, 5, 4, 3, 2, 1)
	lateSaturday = weigh(2, 6, 9, 12, 13, 12, 10, 9, 8, 7, 6, 4, 3, 3, 4, 4, 3, 2)
)

// isOpen reports whether the chain trades on a day at all.
func isOpen(date time.Time) bool {
	newYear := date.Month() == time.January && date.Day() == 1
	christmas := date.Month() == time.December && date.Day() == 25
	return weekdays[date.Weekday()] > 0 && !newYear && !christmas
}

// hours returns how the day's trade divides in a store.
func (s *store) hours(date time.Time) weights {
	switch {
	case s.late && date.Weekday() == time.Friday:
		return lateFriday
	case s.late && date.Weekday() == time.Saturday:
		return lateSaturday
	case date.Weekday() == time.Saturday:
		return onSaturday
	}
	return onWeekdays
}

// closing returns the hour at which a store closes, counted from the business
// day's midnight.
func (s *store) closing(date time.Time) int {
	if s.late && (date.Weekday() == time.Friday || date.Weekday() == time.Saturday) {
		return closeLate
	}
	return closes
}

// at is the time that clocks in a place show so many seconds after the day's
// midnight, whatever daylight saving does in between.
func at(date time.Time, second int, place *time.Location) time.Time {
	return time.Date(date.Year(), date.Month(), date.Day(), 0, 0, second, 0, place)
}

// tradingDays lists the days on which the chain is open, both bounds included,
// and their weights.
func tradingDays(from, to time.Time) ([]time.Time, weights) {
	var days []time.Time
	var each []int
	for date := from; !date.After(to); date = date.Add(day) { // dates are in UTC
		if isOpen(date) {
			days, each = append(days, date), append(each, weekdays[date.Weekday()])
		}
	}
	return days, weigh(each...)
}
