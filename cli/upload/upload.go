package upload

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/tillproof/tillproof/cli/client"
)

// Destination is where tickets go to and as whom.
type Destination struct {
	CollectorURL string
	Credential   client.Credential
	HTTP         *http.Client
	RetryFor     time.Duration // without any answer
}

func (d Destination) collector() (*collector, error) {
	endpoint, err := client.Endpoint(d.CollectorURL, "/v1/ticket-files")
	if err != nil {
		return nil, err
	}
	return &collector{http: d.HTTP, endpoint: endpoint, credential: d.Credential}, nil
}

// Options say what to upload, and where to.
type Options struct {
	Destination
	Paths        []string // files, folders, "-" for Stdin
	Format       string   // one of Formats
	RejectedFile string   // keeps rejected tickets; none if empty
	Stdin        io.Reader
	Terminal     Terminal // for progress and complaints
}

// Run uploads everything and returns what became of it. The summary is right
// as far as the upload came, also with an error. Rejected tickets are no error.
func Run(ctx context.Context, options Options) (Summary, error) {
	format, err := formatNamed(options.Format)
	if err != nil {
		return Summary{}, err
	}
	collector, err := options.collector()
	if err != nil {
		return Summary{}, err
	}
	inputs, passedOver, err := findInputs(options.Paths, format, options.Stdin)
	if err != nil {
		return Summary{}, err
	}
	display := newDisplay(options.Terminal, inputs)
	for _, path := range passedOver {
		display.printf("%s holds registrations, not tickets: passed over", path)
	}
	rejects, err := newRejects(display, options.RejectedFile)
	if err != nil {
		display.close()
		return Summary{}, err
	}
	sender := &sender{
		collector: collector,
		display:   display,
		rejects:   rejects,
		retryFor:  options.RetryFor,
		waiting:   display.waiting,
	}
	err = sendAll(ctx, sender, inputs, format)
	err = errors.Join(err, rejects.close())
	return display.close(), err
}

// sendAll reads ahead by a chunk while another is being sent.
func sendAll(ctx context.Context, sender *sender, inputs []input, format format) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	chunks, read := make(chan *chunk), make(chan error, 1)
	chunker := &chunker{inputs: inputs, reader: format.reader, out: chunks}
	go func() { read <- chunker.run(ctx) }()
	for {
		select {
		case <-ctx.Done():
			// The reader is not waited for: it may hang in standard input.
			return context.Cause(ctx)
		case next, open := <-chunks:
			if !open {
				return <-read
			}
			if err := sender.deliver(ctx, next); err != nil {
				return err
			}
		}
	}
}
