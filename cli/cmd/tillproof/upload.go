package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/term"

	"github.com/tillproof/tillproof/cli/client"
	"github.com/tillproof/tillproof/cli/upload"
)

const uploadHelp = `Send tickets to a collector and say what became of each.

usage: tillproof upload [OPTIONS] PATH…

PATH is a file, a folder (all its *.ndjson and *.json files, those in folders
below it and those compressed as .gz or .zst included) or - for standard input.
A file holds a ticket a line (NDJSON) or one ticket.

It is safe to interrupt and to repeat: what the collector holds already counts
as duplicate and changes nothing.

  --url URL          the collector
                     ($TILLPROOF_COLLECTOR_URL, else http://127.0.0.1:8080)
  --login-url URL    where to log in with user name and password
                     ($TILLPROOF_QUERY_URL, else http://127.0.0.1:8081)
  --rejected FILE    keep every rejected ticket with its problem, as NDJSON;
                     mended, they go back by
                     jq -c .ticket FILE | tillproof upload -
  --retry-for TIME   go on trying for so long without an answer (2m)
  --format NAME      what the files hold: ticket

Who is sending comes from the environment: TILLPROOF_TOKEN (a till key or a
token), or TILLPROOF_USERNAME and TILLPROOF_PASSWORD, which also last for long
runs.

Exit codes: 0 all accepted or duplicate, 1 failed or some rejected, 2 wrong usage.
`

func runUpload(ctx context.Context, program program, arguments []string) error {
	flags := newFlags("upload")
	collectorURL := flags.String("url", program.collectorURL, "")
	loginURL := flags.String("login-url", program.queryURL, "")
	rejected := flags.String("rejected", "", "")
	retryFor := flags.Duration("retry-for", 2*time.Minute, "")
	format := flags.String("format", "ticket", "")
	paths, err := parse(flags, arguments, uploadHelp, program.stdout)
	if err != nil {
		return err
	}
	if len(paths) == 0 {
		return usagef("no PATH is given; - is standard input")
	}
	if !upload.KnowsFormat(*format) {
		return usagef("--format %q is not known; there is %s", *format, upload.Formats())
	}
	http := client.NewHTTP()
	credential, err := client.NewCredential(http, program.token, *loginURL, program.username, program.password)
	if err != nil {
		return &usageError{err}
	}
	summary, err := upload.Run(ctx, upload.Options{
		Destination: upload.Destination{
			CollectorURL: *collectorURL,
			Credential:   credential,
			HTTP:         http,
			RetryFor:     *retryFor,
		},
		Paths:        paths,
		Format:       *format,
		RejectedFile: *rejected,
		Stdin:        program.stdin,
		Terminal:     upload.Terminal{Writer: program.stderr, Width: terminalWidth(program)},
	})
	return concludeUpload(ctx, program, summary, err)
}

func concludeUpload(ctx context.Context, program program, summary upload.Summary, err error) error {
	if err == nil || summary.Tickets() > 0 {
		fmt.Fprintln(program.stdout, summary)
	}
	switch {
	case err != nil && ctx.Err() != nil:
		return errors.New("interrupted; run the same command again, what was taken already counts as duplicate then")
	case err != nil:
		return err
	case summary.Rejected > 0:
		return errReported
	}
	return nil
}

// terminalWidth returns how to ask for the columns of the terminal that stderr
// is, or nil where it is none.
func terminalWidth(program program) func() int {
	file, ok := program.stderr.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) || program.dumbTerminal {
		return nil
	}
	return func() int {
		width, _, err := term.GetSize(int(file.Fd()))
		if err != nil {
			return 80
		}
		return width
	}
}
