package upload

import (
	"context"
	"io"
	"net/http"
	"testing"
	"time"
)

// Tickets that trickle in are sent while the input is still open.
func TestTrickleIsSent(t *testing.T) {
	collector := newTestCollector(t)
	taken := make(chan int, 10)
	collector.late = func(_, line int, _ http.ResponseWriter) error { taken <- line; return nil }
	reader, writer := io.Pipe()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	done := make(chan Summary)
	go func() {
		summary, _, err := uploadTo(ctx, collector, func(options *Options) {
			options.Paths, options.Stdin = []string{"-"}, reader
		})
		if err != nil {
			t.Error(err)
		}
		done <- summary
	}()
	for i := range 2 {
		if _, err := io.WriteString(writer, ticketLines(i, 1)); err != nil {
			t.Fatal(err)
		}
		select {
		case <-taken:
		case <-ctx.Done():
			t.Fatal("a ticket waits for the end of the input")
		}
	}
	writer.Close()
	if summary := <-done; summary.Accepted != 2 {
		t.Errorf("%v", summary)
	}
}
