package eterticket

import (
	"fmt"
	"time"
	_ "time/tzdata" // offsets of past years, on whatever machine

	"github.com/tillproof/tillproof/domain/ticket"
)

// period gives the start and the end of a sale with their offsets.
func period(date, start, end string) (begin, finish ticket.DateTime, err error) {
	zone, err := time.LoadLocation("America/Mexico_City")
	if err != nil {
		return "", "", fmt.Errorf("load time zone: %w", err)
	}
	began, err := time.ParseInLocation("2006/01/02 15:04:05", date+" "+start, zone)
	if err != nil {
		return "", "", fmt.Errorf("header: fv %q and hiv %q are no date YYYY/MM/DD and time hh:mm:ss", date, start)
	}
	ended, err := time.ParseInLocation("2006/01/02 15:04:05", date+" "+end, zone)
	if err != nil {
		return "", "", fmt.Errorf("header: hfv %q is no time hh:mm:ss", end)
	}
	began, ended = firstPass(began), firstPass(ended)
	if ended.Before(began) {
		ended = afterwards(ended, began)
	}
	return ticket.DateTime(began.Format(time.RFC3339)), ticket.DateTime(ended.Format(time.RFC3339)), nil
}

// firstPass settles an hour that the end of summer time made come twice: which
// of the two the time package means is not said.
func firstPass(t time.Time) time.Time {
	if earlier := t.Add(-time.Hour); sameClock(earlier, t) {
		return earlier
	}
	return t
}

// afterwards finds the end of a sale whose clock showed less at the end than at
// the start: put back in between, or past midnight.
func afterwards(ended, began time.Time) time.Time {
	if second := ended.Add(time.Hour); sameClock(second, ended) && !second.Before(began) {
		return second
	}
	return ended.AddDate(0, 0, 1)
}

func sameClock(a, b time.Time) bool {
	return a.Format(time.DateTime) == b.Format(time.DateTime)
}
