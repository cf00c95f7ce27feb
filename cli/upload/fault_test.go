package upload

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tillproof/tillproof/cli/client"
)

// Whatever happens on the way, in the end the collector holds every ticket and
// each has been counted once.
func TestNothingIsLostOrCountedTwice(t *testing.T) {
	const tickets = 40
	onFirst := func(line int, do func(http.ResponseWriter) error) func(int, int, http.ResponseWriter) error {
		return func(request, at int, w http.ResponseWriter) error {
			if request == 1 && at == line {
				return do(w)
			}
			return nil
		}
	}
	status := func(status int) func(http.ResponseWriter) error {
		return func(w http.ResponseWriter) error {
			w.Header().Set("Retry-After", "0")
			writeProblem(w, status, "not now")
			return errHandled
		}
	}
	quiet := func(w http.ResponseWriter) error { return errHandled } // ends the response, without a summary
	unavailable := func(w http.ResponseWriter) error {
		fmt.Fprintln(w, `{"line":8,"status":"rejected","problem":{"status":503,"detail":"database away"}}`)
		return errHandled
	}
	for _, fault := range []struct {
		name        string
		fault, late func(int, int, http.ResponseWriter) error
		duplicate   int64 // taken, and reported as failed
	}{
		{name: "none"},
		{name: "busy", fault: onFirst(0, status(http.StatusTooManyRequests))},
		{name: "unavailable", fault: onFirst(0, status(http.StatusServiceUnavailable))},
		{name: "bad gateway", fault: onFirst(0, status(http.StatusBadGateway))},
		{name: "cut before the first line", fault: onFirst(0, cut)},
		{name: "cut before a line is taken", fault: onFirst(8, cut)},
		{name: "cut after a line is taken", late: onFirst(8, cut), duplicate: 1},
		{name: "cut after the last line is taken", late: onFirst(tickets, cut), duplicate: 1},
		{name: "ended before a line is taken", fault: onFirst(8, quiet)},
		{name: "ended after a line is taken", late: onFirst(8, quiet), duplicate: 1},
		{name: "a line not taken for now", fault: onFirst(8, unavailable)},
	} {
		t.Run(fault.name, func(t *testing.T) {
			t.Parallel()
			collector := newTestCollector(t)
			collector.fault, collector.late = fault.fault, fault.late
			summary, shown, err := uploadTo(t.Context(), collector, from(ticketLines(0, tickets)))
			if err != nil {
				t.Fatalf("%v\n%s", err, shown)
			}
			want := Summary{Accepted: tickets - fault.duplicate, Duplicate: fault.duplicate, Took: summary.Took}
			if summary != want {
				t.Errorf("%v, want %v", summary, want)
			}
			if held := len(collector.ids()); held != tickets {
				t.Errorf("the collector holds %d tickets, want %d", held, tickets)
			}
		})
	}
}

// What waiting cannot mend ends the upload at once, with the reason.
func TestHopelessRequestsAreNotRepeated(t *testing.T) {
	answering := func(status int) func(int, int, http.ResponseWriter) error {
		return func(_, _ int, w http.ResponseWriter) error {
			w.Header().Set("Location", "http://127.0.0.1:1/elsewhere")
			writeProblem(w, status, "because of this")
			return errHandled
		}
	}
	wrongLine := func(_, line int, w http.ResponseWriter) error {
		if line == 1 {
			fmt.Fprintln(w, `{"line":7,"status":"accepted"}`)
			return errHandled
		}
		return nil
	}
	early := func(_, _ int, w http.ResponseWriter) error {
		fmt.Fprintln(w, `{"summary":{"accepted":0,"duplicate":0,"rejected":0}}`)
		return errHandled
	}
	noAnswers := func(_, _ int, w http.ResponseWriter) error {
		fmt.Fprintln(w, `<html>some other server</html>`)
		return errHandled
	}
	for name, fault := range map[string]struct {
		fault func(int, int, http.ResponseWriter) error
		want  string
	}{
		"bad request":   {answering(http.StatusBadRequest), "because of this"},
		"forbidden":     {answering(http.StatusForbidden), "because of this"},
		"redirect":      {answering(http.StatusTemporaryRedirect), "redirects to http://127.0.0.1:1/elsewhere"},
		"unauthorized":  {answering(http.StatusUnauthorized), "TILLPROOF_TOKEN"},
		"wrong line":    {wrongLine, "line 7 where line 1"},
		"early summary": {early, "0 answers to 3 tickets"},
		"no answers":    {noAnswers, "invalid character"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			collector := newTestCollector(t)
			collector.fault = fault.fault
			_, shown, err := uploadTo(t.Context(), collector, from(ticketLines(0, 3)))
			if err == nil || !strings.Contains(err.Error(), fault.want) {
				t.Errorf("error %v, want one with %q", err, fault.want)
			}
			if collector.requests != 1 {
				t.Errorf("%d requests, want 1\n%s", collector.requests, shown)
			}
			if text := fmt.Sprint(shown, err); strings.Contains(text, collector.token) {
				t.Errorf("the credential is shown: %s", text)
			}
		})
	}
}

func TestPatienceEnds(t *testing.T) {
	collector := newTestCollector(t)
	collector.Close() // connections are refused from now on
	_, shown, err := uploadTo(t.Context(), collector, func(options *Options) {
		from(ticketLines(0, 3))(options)
		options.RetryFor = time.Second
	})
	if err == nil || !strings.Contains(err.Error(), "gave up") || !strings.Contains(err.Error(), "refused") {
		t.Errorf("error %v", err)
	}
	if !strings.Contains(shown, "trying again") {
		t.Errorf("the user is not told of the waiting: %q", shown)
	}
}

// A full disk is not a network that will come back.
func TestDiskIsNoNetwork(t *testing.T) {
	for _, test := range []struct {
		err  error
		want bool
	}{
		{&fs.PathError{Op: "write", Path: "rejected", Err: syscall.ENOSPC}, false},
		{&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}, true},
	} {
		if got := isTemporary(fmt.Errorf("send: %w", test.err)); got != test.want {
			t.Errorf("%v: %t", test.err, got)
		}
	}
}

func TestRetryAfterIsHeeded(t *testing.T) {
	patience := newPatience(time.Minute)
	pause, again := patience.pause(&client.StatusError{Status: 503, RetryAfter: 30 * time.Second})
	if pause < 30*time.Second || !again {
		t.Errorf("pause %s, %t", pause, again)
	}
	if _, again := patience.pause(&client.StatusError{Status: 503, RetryAfter: 2 * time.Minute}); again {
		t.Error("waits for longer than it may")
	}
}

// renewable is a credential whose first token has run out.
type renewable struct {
	tokens  []string
	renewed int
}

func (r *renewable) Token(context.Context) (string, error) { return r.tokens[r.renewed], nil }

func (r *renewable) Renew(context.Context) error {
	if r.renewed+1 == len(r.tokens) {
		return errors.New("no more tokens")
	}
	r.renewed++
	return nil
}

func (r *renewable) End(context.Context) error { return nil }

func TestRefusedTokenIsRenewedOnce(t *testing.T) {
	for name, test := range map[string]struct {
		tokens  []string
		renewed int
		good    bool
	}{
		"renewed":          {[]string{"old", "secret"}, 1, true},
		"renewed in vain":  {[]string{"old", "bad", "secret"}, 1, false},
		"cannot be":        {[]string{"old"}, 0, false},
		"was good already": {[]string{"secret", "other"}, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			collector, credential := newTestCollector(t), &renewable{tokens: test.tokens}
			_, _, err := uploadTo(t.Context(), collector, func(options *Options) {
				from(ticketLines(0, 3))(options)
				options.Credential = credential
			})
			if (err == nil) != test.good || credential.renewed != test.renewed {
				t.Errorf("error %v after %d renewals", err, credential.renewed)
			}
		})
	}
}

// An interrupted upload says how far it came, and repeated it completes.
func TestInterruptedUploadCanBeRepeated(t *testing.T) {
	collector := newTestCollector(t)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	collector.late = func(request, line int, _ http.ResponseWriter) error {
		if request == 2 && line == 100 {
			interrupt()
		}
		return nil
	}
	const tickets = 3*chunkTickets/2 + 7
	first, _, err := uploadTo(ctx, collector, from(ticketLines(0, tickets)))
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
	if first.Accepted < chunkTickets || first.Accepted >= tickets {
		t.Errorf("interrupted with %v", first)
	}
	second, _, err := uploadTo(t.Context(), collector, from(ticketLines(0, tickets)))
	// The collector may have taken more than it could still answer.
	if err != nil || second.Duplicate < first.Accepted || second.Tickets() != tickets || second.Rejected > 0 {
		t.Errorf("repeated: %v, %v", second, err)
	}
	if held := len(collector.ids()); held != tickets {
		t.Errorf("the collector holds %d tickets, want %d", held, tickets)
	}
}

// A collector that answers at length while the tickets are still on their way
// is listened to: otherwise both sides would wait for each other for ever.
func TestAnswersAreReadWhileSending(t *testing.T) {
	collector := newTestCollector(t)
	const tickets = 1500
	padding := strings.Repeat("x", 5000)
	var lines strings.Builder
	for i := range tickets {
		fmt.Fprintf(&lines, `{"transactionId":"t-%d","amount":-1,"padding":%q}`+"\n", i, padding)
	}
	ctx, cancel := context.WithTimeout(t.Context(), stallTimeout/2)
	defer cancel()
	summary, _, err := uploadTo(ctx, collector, from(lines.String()))
	if err != nil || summary.Rejected != tickets || collector.requests != 1 {
		t.Errorf("%v in %d requests, %v", summary, collector.requests, err)
	}
}
