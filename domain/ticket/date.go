package ticket

import (
	"strings"
	"time"
)

// Date is a calendar day, YYYY-MM-DD, from year 0001 to 9999.
type Date string

// Time returns the day's midnight in UTC, to reckon days with.
func (d Date) Time() time.Time {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return time.Time{}
	}
	return t
}

// Month returns the day's month, YYYY-MM, or nothing of no day.
func (d Date) Month() string {
	if len(d) < len("2006-01") {
		return ""
	}
	return string(d[:len("2006-01")])
}

// parseDate reads a full-date of RFC 3339. Year 0000 is refused: databases
// have no such year.
func parseDate(text string) (Date, bool) {
	if !isDateShape(text) || text[:4] == "0000" {
		return "", false
	}
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return "", false
	}
	return Date(text), true
}

// isDateShape makes sure of the digits' places, where time.Parse is lenient.
func isDateShape(text string) bool {
	if len(text) != len(time.DateOnly) {
		return false
	}
	for i := range len(text) {
		if i == 4 || i == 7 {
			if text[i] != '-' {
				return false
			}
		} else if !isDigit(text[i]) {
			return false
		}
	}
	return true
}

// DateTime is a point in time with its offset, in the canonical text of the
// package comment; empty when absent.
type DateTime string

// Time returns the point in time, in the offset it was written with.
func (d DateTime) Time() time.Time {
	t, err := time.Parse(time.RFC3339Nano, string(d))
	if err != nil {
		return time.Time{}
	}
	return t
}

// Day returns the calendar day, in the offset it was written with.
func (d DateTime) Day() Date {
	if len(d) < len(time.DateOnly) {
		return ""
	}
	return Date(d[:len(time.DateOnly)])
}

// parseDateTime reads a date-time of RFC 3339 and brings it to its canonical
// text.
func parseDateTime(text string) (DateTime, bool) {
	if len(text) < len("2006-01-02T15:04:05Z") {
		return "", false
	}
	date, clock, rest := text[:10], text[11:19], text[19:]
	if _, ok := parseDate(date); !ok || (text[10] != 'T' && text[10] != 't') || !isClock(clock) {
		return "", false
	}
	fraction, rest, ok := cutFraction(rest)
	if !ok {
		return "", false
	}
	offset, ok := canonicalOffset(rest)
	if !ok {
		return "", false
	}
	if len(fraction)+len(offset) == len(text)-19 && text[10] == 'T' && text[19:] == fraction+offset {
		return DateTime(text), true // the usual case: nothing to change
	}
	return DateTime(date + "T" + clock + fraction + offset), true
}

// isClock accepts hh:mm:ss. A leap second (:60) is refused: no till writes
// one, and few databases can hold it.
func isClock(text string) bool {
	return text[2] == ':' && text[5] == ':' &&
		isTwoDigits(text[0:2], 23) && isTwoDigits(text[3:5], 59) && isTwoDigits(text[6:8], 59)
}

func isTwoDigits(text string, most int) bool {
	return isDigit(text[0]) && isDigit(text[1]) && int(text[0]-'0')*10+int(text[1]-'0') <= most
}

// cutFraction takes the fraction of a second off text, without its trailing
// zeros. At most nine digits: beyond a nanosecond two times could differ in
// their bytes and nowhere else.
func cutFraction(text string) (fraction, rest string, ok bool) {
	if text[0] != '.' {
		return "", text, true
	}
	end := 1
	for end < len(text) && isDigit(text[end]) {
		end++
	}
	if end == 1 || end > 10 {
		return "", "", false
	}
	fraction = strings.TrimRight(text[:end], "0")
	if fraction == "." {
		fraction = ""
	}
	return fraction, text[end:], true
}

// canonicalOffset reads Z or ±hh:mm; an offset of zero becomes Z.
func canonicalOffset(text string) (string, bool) {
	if text == "Z" || text == "z" {
		return "Z", true
	}
	if len(text) != len("+00:00") || (text[0] != '+' && text[0] != '-') || text[3] != ':' ||
		!isTwoDigits(text[1:3], 23) || !isTwoDigits(text[4:6], 59) {
		return "", false
	}
	if text[1:] == "00:00" {
		return "Z", true
	}
	return text, true
}
