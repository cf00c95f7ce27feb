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
       tillproof upload --watch [OPTIONS] DIR

PATH is a file, a folder (all its *.ndjson and *.json files, those in folders
below it and those compressed as .gz or .zst included) or - for standard input.
A file holds a ticket a line (NDJSON) or one ticket. The stores that tickets
name must be registered.

It is safe to interrupt and to repeat: what the collector holds already counts
as duplicate and changes nothing.

  --url URL          the collector
                     ($TILLPROOF_COLLECTOR_URL, else http://127.0.0.1:8080)
  --login-url URL    where to log in with user name and password
                     ($TILLPROOF_QUERY_URL, else http://127.0.0.1:8081)
  --rejected FILE    keep every rejected ticket with its problem and what to do
                     about it, as NDJSON; mended, they go back by
                     jq -c .ticket FILE | tillproof upload -
  --retry-for TIME   go on trying for so long without an answer (2m)
  --format NAME      what the files hold: ticket; or eterticket, the older files
                     of a key and three JSON documents (*.json, *.txt), a sale
                     each, whose points are left aside; their stores, such as
                     1010, have to be registered like any others

Store and forward: --watch follows DIR until it is stopped, and sends each
finished file that is dropped there. Without a network it keeps them and goes on
trying. It can be switched off at any moment: nothing is lost.

  --settle TIME      a file is finished when it has not changed for so long (5s);
                     who may write more slowly names the file .NAME or NAME.tmp
                     and renames it at the end

Links and folders in DIR are passed over. One watch at a time follows a folder.

  DIR/done/YYYY-MM-DD/        files that are sent, by the day that was
  DIR/refused/NAME.rejected   tickets that were not taken, as with --rejected
  DIR/refused/NAME            a file that cannot be read, NAME.problem.json says why

Who is sending comes from the environment: TILLPROOF_TOKEN (a till key or a
token), or TILLPROOF_USERNAME and TILLPROOF_PASSWORD, which also last for long
runs.

Exit codes: 0 all accepted or duplicate, or --watch was stopped; 1 failed or some
rejected; 2 wrong usage.
`

// endTimeout is how long logging out may hold up the end of the program. A
// session that is not ended ends by itself.
const endTimeout = 3 * time.Second

// uploadArguments are the command line of upload.
type uploadArguments struct {
	destination upload.Destination
	loginURL    string
	paths       []string
	format      string
	rejected    string
	watch       bool
	settle      time.Duration
}

func runUpload(ctx context.Context, program program, arguments []string) error {
	a, err := parseUpload(program, arguments)
	if err != nil {
		return err
	}
	http := client.NewHTTP()
	credential, err := client.NewCredential(http, program.token, a.loginURL, program.username, program.password)
	if err != nil {
		return &usageError{err}
	}
	warnOfClearText(program, a)
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTimeout)
		defer cancel()
		_ = credential.End(ctx)
	}()
	a.destination.HTTP, a.destination.Credential = http, credential
	if a.watch {
		return upload.Watch(ctx, upload.WatchOptions{
			Destination: a.destination, Folder: a.paths[0], Format: a.format, Settle: a.settle, Log: program.stderr,
		})
	}
	summary, err := upload.Run(ctx, upload.Options{
		Destination:  a.destination,
		Paths:        a.paths,
		Format:       a.format,
		RejectedFile: a.rejected,
		Stdin:        program.stdin,
		Terminal:     upload.Terminal{Writer: program.stderr, Width: terminalWidth(program)},
	})
	return concludeUpload(ctx, program, summary, err)
}

func parseUpload(program program, arguments []string) (a uploadArguments, err error) {
	flags := newFlags("upload")
	flags.StringVar(&a.destination.CollectorURL, "url", program.collectorURL, "")
	flags.StringVar(&a.loginURL, "login-url", program.queryURL, "")
	flags.StringVar(&a.rejected, "rejected", "", "")
	flags.DurationVar(&a.destination.RetryFor, "retry-for", 2*time.Minute, "")
	flags.StringVar(&a.format, "format", "ticket", "")
	flags.BoolVar(&a.watch, "watch", false, "")
	flags.DurationVar(&a.settle, "settle", 5*time.Second, "")
	if a.paths, err = parse(flags, arguments, uploadHelp, program.stdout); err != nil {
		return a, err
	}
	switch {
	case a.watch && (len(a.paths) != 1 || a.paths[0] == "-"):
		return a, usagef("--watch follows one folder; name it, and nothing else")
	case a.watch && a.rejected != "":
		return a, usagef("--rejected is not for --watch, which keeps rejected tickets in DIR/refused")
	case a.settle <= 0:
		return a, usagef("--settle %s is no time to wait", a.settle)
	case len(a.paths) == 0:
		return a, usagef("no PATH is given; - is standard input")
	case !upload.KnowsFormat(a.format):
		return a, usagef("--format %q is not known; there is %s", a.format, upload.Formats())
	}
	return a, nil
}

// warnOfClearText speaks up where the credential goes over a network that
// anybody on the way can read along.
func warnOfClearText(program program, a uploadArguments) {
	addresses := []string{a.destination.CollectorURL}
	if program.token == "" {
		addresses = append(addresses, a.loginURL)
	}
	for _, address := range addresses {
		if client.InClear(address) {
			fmt.Fprintf(program.stderr, "warning: %s is not encrypted, and the credential can be read on the way there; use https\n", address)
		}
	}
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
