package upload

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode"
)

const (
	redrawEvery = 200 * time.Millisecond // of the bar on a terminal
	reportEvery = 5 * time.Second        // of plain lines elsewhere
	barWidth    = 24
)

// Terminal is where progress and complaints go.
type Terminal struct {
	io.Writer
	// Width returns the columns of an interactive terminal. It is nil for
	// anything else, which gets a plain line now and then instead of a bar.
	Width func() int
}

// display shows how far the upload is. Messages and the bar share one place,
// so everything for the user goes through it.
type display struct {
	terminal Terminal
	start    time.Time
	total    int64 // bytes of all inputs; 0 when not known

	mu      sync.Mutex
	summary Summary
	done    int64 // bytes of input whose tickets have answers
	drawn   bool  // a bar is on the current line

	stop    chan struct{}
	stopped sync.WaitGroup
}

// newDisplay starts to show progress, until close.
func newDisplay(terminal Terminal, inputs []input) *display {
	d := &display{terminal: terminal, start: time.Now(), stop: make(chan struct{})}
	for _, in := range inputs {
		if in.stdin != nil || in.size == 0 {
			d.total = 0 // one unknown part makes the whole unknown
			break
		}
		d.total += in.size
	}
	every := reportEvery
	if terminal.Width != nil {
		every = redrawEvery
	}
	d.stopped.Go(func() { d.refresh(every) })
	return d
}

func (d *display) refresh(every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			d.draw()
		case <-d.stop:
			return
		}
	}
}

// close takes the bar away and returns the counts.
func (d *display) close() Summary {
	close(d.stop)
	d.stopped.Wait()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.clear()
	d.summary.Took = time.Since(d.start)
	return d.summary
}

// update changes the counts and the bytes of input dealt with.
func (d *display) update(done int64, change func(*Summary)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.done = done
	change(&d.summary)
}

// printf writes a line of its own. Control characters, which may come from a
// ticket or a file's name, could otherwise steer the terminal.
func (d *display) printf(format string, arguments ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.clear()
	fmt.Fprintln(d.terminal, strings.Map(printable, fmt.Sprintf(format, arguments...)))
}

// waiting tells of a pause after an error.
func (d *display) waiting(err error, pause, left time.Duration) {
	d.printf("%v; trying again in %s (for another %s at most)", err, pause.Round(100*time.Millisecond), left.Round(time.Second))
}

func printable(r rune) rune {
	if unicode.IsPrint(r) {
		return r
	}
	return '·'
}

func (d *display) clear() {
	if d.drawn {
		fmt.Fprint(d.terminal, "\r\x1b[K")
		d.drawn = false
	}
}

func (d *display) draw() {
	d.mu.Lock()
	defer d.mu.Unlock()
	line := d.line(time.Since(d.start))
	if d.terminal.Width == nil {
		fmt.Fprintln(d.terminal, line)
		return
	}
	if width := d.terminal.Width(); d.total > 0 && width > len(line)+barWidth {
		line = d.bar() + line
	} else if runes := []rune(line); len(runes) >= width {
		line = string(runes[:max(0, width-1)])
	}
	fmt.Fprint(d.terminal, "\r\x1b[K", line)
	d.drawn = true
}

// line says everything in words:
// 41 %, 12,345 tickets, 4,113/s, 12,000 accepted, …, 3.1 of 7.6 MB, 12s left.
func (d *display) line(elapsed time.Duration) string {
	rate := float64(d.summary.Tickets()) / max(elapsed.Seconds(), 0.001)
	line := fmt.Sprintf("%s, %s/s, %s", counted(d.summary.Tickets(), "ticket"), grouped(int64(rate)), d.summary.verdicts())
	if d.total == 0 {
		return line
	}
	part := float64(d.done) / float64(d.total)
	line = fmt.Sprintf("%3.0f %%, %s, %.1f of %.1f MB", 100*part, line, float64(d.done)/1e6, float64(d.total)/1e6)
	if part > 0 {
		left := time.Duration(float64(elapsed) * (1 - part) / part)
		line += ", " + max(0, left).Round(time.Second).String() + " left"
	}
	return line
}

func (d *display) bar() string {
	filled := min(barWidth-3, int(int64(barWidth-3)*d.done/d.total))
	return "[" + strings.Repeat("#", filled) + strings.Repeat("-", barWidth-3-filled) + "] "
}
