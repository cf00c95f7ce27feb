package upload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

const (
	// chunkAge is how long a ticket may wait for others to fill its chunk, where
	// nothing else is being sent: an input may trickle.
	chunkAge = time.Second
	// ageCheck is how often the age is looked at.
	ageCheck = 100 * time.Millisecond
)

// chunker cuts the inputs into chunks.
type chunker struct {
	inputs []input
	reader func(io.Reader) recordReader
	out    chan<- *chunk

	read int64 // bytes of all inputs

	mu      sync.Mutex
	current *chunk
	begun   time.Time // when current got its first record
}

// inputError is a fault of an input, or of reading it.
type inputError struct {
	name string
	err  error
}

func (e *inputError) Error() string { return fmt.Sprintf("read %s: %v", e.name, e.err) }
func (e *inputError) Unwrap() error { return e.err }

// run sends every chunk to out and closes it. What was read before an error is
// still sent.
func (c *chunker) run(ctx context.Context) error {
	defer close(c.out)
	c.current = &chunk{}
	err := c.readAll(ctx)
	if c.current.empty() {
		return err
	}
	return errors.Join(err, c.emit(ctx))
}

func (c *chunker) readAll(ctx context.Context) error {
	var watch sync.WaitGroup
	stop := make(chan struct{})
	watch.Go(func() { c.emitAged(stop) })
	defer watch.Wait()
	defer close(stop)
	for _, in := range c.inputs {
		if err := c.readInput(ctx, in); ctx.Err() != nil {
			return context.Cause(ctx)
		} else if err != nil {
			return &inputError{in.name, err}
		}
	}
	return nil
}

func (c *chunker) readInput(ctx context.Context, in input) error {
	content, err := in.open(&c.read)
	if err != nil {
		return err
	}
	defer content.Close() // read only: nothing can be lost by closing
	records := c.reader(content)
	for {
		rec, err := records.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if c.add(in.name, rec) {
			if err := c.emit(ctx); err != nil {
				return err
			}
		}
	}
}

// add reports whether the chunk is full.
func (c *chunker) add(file string, rec record) (full bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current.empty() {
		c.begun = time.Now()
	}
	c.current.add(file, rec)
	c.current.read = c.read
	return c.current.full()
}

// emit waits until the chunk is taken.
func (c *chunker) emit(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case c.out <- c.current:
		c.current = &chunk{}
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// emitAged hands a chunk over that has waited for long enough, to a receiver
// who waits too.
func (c *chunker) emitAged(stop <-chan struct{}) {
	ticker := time.NewTicker(ageCheck)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			c.emitIfAged()
		case <-stop:
			return
		}
	}
}

func (c *chunker) emitIfAged() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current.empty() || time.Since(c.begun) < chunkAge {
		return
	}
	select {
	case c.out <- c.current:
		c.current = &chunk{}
	default: // another chunk is on its way: this one may still grow
	}
}
