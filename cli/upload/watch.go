package upload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// WatchOptions say which folder to follow, and where its tickets go.
type WatchOptions struct {
	Destination
	Folder string
	Format string        // one of Formats
	Settle time.Duration // how long a file must not have changed to be finished
	Log    io.Writer     // a line for each file and each turn of events
}

// Watch stores and forwards: it sends every finished file that is dropped into
// the folder, for as long as ctx lasts, and keeps what cannot be sent until it
// can be.
//
// A file is finished when its size and time of change have stayed the same for
// Settle. A writer that may pause for longer writes under another name (one
// that begins with a dot or does not end as the format's files do) and renames.
//
// A file's way has three steps, each of which may be cut off at any moment and
// begins again as if nothing had been:
//
//  1. Its tickets are sent. Those refused are written to a hidden file.
//  2. The hidden file is brought to the disk and gets its name in refused/.
//  3. The file is moved to done/ and the day of the move.
//
// A file that cannot be read, such as a broken archive, is moved to refused/ as
// a whole instead, after the reason was written there. Names in refused/ hold a
// part of the content's hash, so that a step taken again replaces its own
// outcome, and no other.
func Watch(ctx context.Context, options WatchOptions) error {
	format, err := formatNamed(options.Format)
	if err != nil {
		return err
	}
	collector, err := options.collector()
	if err != nil {
		return err
	}
	release, err := lockFolder(options.Folder)
	if err != nil {
		return err
	}
	defer release()
	shelf, err := openShelf(options.Folder)
	if err != nil {
		return err
	}
	log := &journal{out: options.Log}
	w := &watcher{
		folder:    newDropFolder(options.Folder, format, options.Settle),
		shelf:     shelf,
		format:    format,
		collector: collector,
		retryFor:  options.RetryFor,
		log:       log,
	}
	log.printf("watching %s for %s", options.Folder, format.patterns())
	return w.run(ctx)
}

// watcher sends the files of a drop folder, one after the other.
type watcher struct {
	folder    *dropFolder
	shelf     *shelf
	format    format
	collector *collector
	retryFor  time.Duration
	log       *journal
}

// run ends, without an error, when ctx does.
func (w *watcher) run(ctx context.Context) error {
	for failures := 0; ctx.Err() == nil; {
		pause := w.folder.settle / 2
		if sent, err := w.round(ctx); err != nil && ctx.Err() == nil {
			w.log.trouble(err)
			if sent > 0 {
				failures = 0
			}
			pause = max(pause, min(longestPause, firstPause<<min(failures, 10)))
			failures++
		} else {
			failures = 0
		}
		_ = wait(ctx, pause) // ended: so does the loop
	}
	return nil
}

// round sends what is ready, up to the first failure that others would meet as
// well, and returns how many files that were. One that failed has to wait then,
// so that it cannot keep the others back for ever.
func (w *watcher) round(ctx context.Context) (sent int, err error) {
	ready, err := w.folder.look(time.Now())
	if err != nil {
		return 0, err
	}
	for _, name := range w.folder.takeOdd() {
		w.log.printf("%s is no file, but a link or a folder: passed over", name)
	}
	for _, file := range ready {
		err := w.deliver(ctx, file)
		switch {
		case err == nil:
			sent++
			w.log.answered()
		case w.gone(file):
			// Taken away by its owner before we came to it.
		case isUnreadable(err):
			file.postpone(time.Now())
			w.log.trouble(fmt.Errorf("%s: %w", file.name, err))
		default:
			file.postpone(time.Now())
			return sent, fmt.Errorf("%s: %w", file.name, err)
		}
	}
	return sent, nil
}

func (w *watcher) gone(file *droppedFile) bool {
	_, err := os.Lstat(filepath.Join(w.folder.path, file.name))
	return errors.Is(err, fs.ErrNotExist)
}

// isUnreadable reports whether the file itself could not be read.
func isUnreadable(err error) bool {
	_, ofInput := errors.AsType[*inputError](err)
	return ofInput
}

// deliver sends a file and puts it where it belongs.
func (w *watcher) deliver(ctx context.Context, file *droppedFile) error {
	path := filepath.Join(w.folder.path, file.name)
	refused := w.shelf.refusedOf(file.name)
	defer refused.discard()
	summary, err := w.send(ctx, path, file.size, refused)
	if fault := faultOfContent(err); fault != nil && ctx.Err() == nil {
		if changed := file.verify(path); changed != nil {
			return changed
		}
		place, err := w.shelf.putAside(file.name, fault)
		if err == nil {
			w.log.printf("%s: cannot be read: %v; it is in %s", file.name, fault, place)
		}
		return err
	}
	if err != nil {
		return err
	}
	return w.finish(path, file, refused, summary)
}

func (w *watcher) finish(path string, file *droppedFile, refused *refusedTickets, summary Summary) error {
	if err := file.verify(path); err != nil {
		return err
	}
	kept, err := refused.keep()
	if err != nil {
		return err
	}
	place, err := w.shelf.finish(file.name)
	if err != nil {
		return err
	}
	// A writer slower than Settle may have added to the file all the same.
	if err := file.verify(filepath.Join(w.folder.path, place)); err != nil {
		return errors.Join(err, w.shelf.giveBack(place, file.name))
	}
	w.log.printf("%s: %s: %s; it is in %s", file.name, counted(summary.Tickets(), "ticket"), summary.verdicts(), place)
	if kept != "" {
		w.log.printf("%s: the rejected, with reason and remedy, are in %s", file.name, kept)
	}
	return nil
}

func (w *watcher) send(ctx context.Context, path string, size int64, refused refusals) (Summary, error) {
	display := &display{terminal: Terminal{Writer: io.Discard}}
	sender := &sender{
		collector: w.collector,
		display:   display,
		rejects:   refused,
		retryFor:  w.retryFor,
		waiting:   func(err error, _, _ time.Duration) { w.log.trouble(err) },
	}
	err := sendAll(ctx, sender, []input{{name: path, size: size}}, w.format)
	return display.summary, err
}

// faultOfContent returns what is wrong with a file for good. That the disk or
// the system would not let it be read may change.
func faultOfContent(err error) error {
	fault, ofInput := errors.AsType[*inputError](err)
	if !ofInput {
		return nil
	}
	if _, ofSystem := errors.AsType[*fs.PathError](err); ofSystem {
		return nil
	}
	return fault.err
}
