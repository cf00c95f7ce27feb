package upload

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// A chunk is sent when it holds so many tickets or bytes: few enough to be
// sent again without regret, enough that the pause between two does not show.
const (
	chunkTickets = 5000
	chunkBytes   = 8 << 20
)

// chunk is what one request carries. It may span inputs: a folder may hold one
// ticket a file.
type chunk struct {
	origins []origin // of each ticket
	ends    []int    // where each ticket's line ends in body
	body    []byte
	refused []refusal // read along the way and not sent
	read    int64     // bytes of all inputs read up to the end of this chunk
}

// origin is where a ticket was found.
type origin struct {
	file string
	line int
}

func (o origin) String() string { return fmt.Sprintf("%s:%d", o.file, o.line) }

// refusal is a line that cannot be sent.
type refusal struct {
	origin
	reason string
}

func (c *chunk) add(file string, rec record) {
	from := origin{file, rec.line}
	if rec.refusal != "" {
		c.refused = append(c.refused, refusal{from, rec.refusal})
		return
	}
	c.body = append(append(c.body, rec.body...), '\n')
	c.origins, c.ends = append(c.origins, from), append(c.ends, len(c.body))
}

func (c *chunk) full() bool {
	return len(c.origins) >= chunkTickets || len(c.body) >= chunkBytes || len(c.refused) >= chunkTickets
}

func (c *chunk) empty() bool { return len(c.origins) == 0 && len(c.refused) == 0 }

// from returns the lines from ticket i on.
func (c *chunk) from(i int) []byte { return c.body[c.start(i):] }

// ticket returns ticket i without its line break.
func (c *chunk) ticket(i int) []byte { return c.body[c.start(i) : c.ends[i]-1] }

func (c *chunk) start(i int) int {
	if i == 0 {
		return 0
	}
	return c.ends[i-1]
}

// chunker cuts the inputs into chunks.
type chunker struct {
	inputs []input
	reader func(io.Reader) recordReader
	out    chan<- *chunk

	read    int64
	current *chunk
}

// run sends every chunk to out and closes it. What was read before an error is
// still sent.
func (c *chunker) run(ctx context.Context) error {
	defer close(c.out)
	c.current = &chunk{}
	var failed error
	for _, in := range c.inputs {
		if failed = c.readInput(ctx, in); failed != nil {
			failed = fmt.Errorf("read %s: %w", in.name, failed)
			break
		}
	}
	if c.current.empty() {
		return failed
	}
	return errors.Join(failed, c.emit(ctx))
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
		c.current.add(in.name, rec)
		if c.current.full() {
			if err := c.emit(ctx); err != nil {
				return err
			}
		}
	}
}

func (c *chunker) emit(ctx context.Context) error {
	c.current.read = c.read
	select {
	case c.out <- c.current:
		c.current = &chunk{}
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
