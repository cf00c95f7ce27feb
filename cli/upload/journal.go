package upload

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// journal tells in lines what a watch goes through.
type journal struct {
	out  io.Writer
	down bool   // the collector was said to be out of reach
	told string // the last trouble of another kind
}

func (j *journal) printf(format string, arguments ...any) {
	line := strings.Map(printable, fmt.Sprintf(format, arguments...))
	fmt.Fprintln(j.out, time.Now().Format(time.RFC3339), line)
}

// trouble says once that the collector is out of reach, for as long as it is,
// and does not say the same of anything else twice in a row.
func (j *journal) trouble(err error) {
	switch {
	case isTemporary(err):
		if !j.down {
			j.printf("%v; nothing is lost, trying again until it goes", err)
		}
		j.down = true
	case err.Error() != j.told:
		j.told = err.Error()
		j.printf("%v; left where it is, to be tried again", err)
	}
}

// answered says that a trouble with the collector is over.
func (j *journal) answered() {
	if j.down {
		j.printf("the collector takes tickets again")
	}
	j.down, j.told = false, ""
}
