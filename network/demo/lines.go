// Package demo fills a running system through its public interfaces, as a
// retailer would: registrations, users, tickets. Then it looks at what arrived
// the way each of them would.
package demo

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/tillproof/tillproof/network/servers"
)

// sendLines uploads NDJSON and reads the verdict on each line.
func sendLines(ctx context.Context, as servers.Caller, url string, content io.Reader) error {
	response, err := as.Do(ctx, http.MethodPost, url, "application/x-ndjson", content)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var verdict struct {
			Line    int
			Status  string
			Problem struct{ Title, Detail string }
		}
		if err := json.Unmarshal(lines.Bytes(), &verdict); err != nil {
			return fmt.Errorf("read the answer of %s: %w", url, err)
		}
		if verdict.Status == "rejected" {
			return fmt.Errorf("line %d was refused: %s %s", verdict.Line, verdict.Problem.Title, verdict.Problem.Detail)
		}
	}
	return lines.Err()
}
