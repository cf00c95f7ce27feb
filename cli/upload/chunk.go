package upload

import (
	"bytes"
	"fmt"

	"github.com/tillproof/tillproof/cli/client"
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
	kept    int       // bytes of text in refused
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
	text   []byte // what was found there; nothing where that is too large
}

func (r refusal) problem() client.Problem {
	return client.Problem{Title: "not sent", Detail: r.reason}
}

func (c *chunk) add(file string, rec record) {
	from := origin{file, rec.line}
	if rec.refusal != "" {
		c.refused = append(c.refused, refusal{from, rec.refusal, bytes.Clone(rec.body)})
		c.kept += len(rec.body)
		return
	}
	c.body = append(append(c.body, rec.body...), '\n')
	c.origins, c.ends = append(c.origins, from), append(c.ends, len(c.body))
}

func (c *chunk) full() bool {
	return len(c.origins) >= chunkTickets || len(c.body)+c.kept >= chunkBytes || len(c.refused) >= chunkTickets
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
