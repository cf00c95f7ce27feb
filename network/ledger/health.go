package ledger

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

const probeWithin = 2 * time.Second

// listening is ready once somebody accepts connections there.
func listening(address string) func(context.Context) error {
	return func(ctx context.Context) error {
		dialer := net.Dialer{Timeout: probeWithin}
		conn, err := dialer.DialContext(ctx, "tcp", address)
		if err != nil {
			return err
		}
		return conn.Close()
	}
}

// healthy asks a node's operations service.
func healthy(address string) func(context.Context) error {
	client := http.Client{Timeout: probeWithin}
	return func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/healthz", nil)
		if err != nil {
			return err
		}
		response, err := client.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			body, _ := io.ReadAll(io.LimitReader(response.Body, 1<<10)) // only a hint
			return fmt.Errorf("%s/healthz says %s: %s", address, response.Status, body)
		}
		return nil
	}
}
