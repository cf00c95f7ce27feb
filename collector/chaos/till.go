package chaos

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/google/uuid"
)

const (
	betweenSales = 20 * time.Millisecond
	resendPause  = 200 * time.Millisecond
)

// runTill sells while the shop is open, and sends each ticket until it is acknowledged. Every tenth it sends once more
// afterwards: the answer must be the same.
func (s *system) runTill(selling, uploading context.Context, b *book, till int) {
	for number := int64(1); sleep(selling, betweenSales) == nil; number++ {
		sold := newSale(s.store, s.day, s.time, till, number)
		b.sending(sold)
		key := uuid.NewString()
		first, err := s.sendUntilAcknowledged(uploading, b, key, sold)
		if err != nil {
			return
		}
		b.acknowledge(sold)
		if number%10 != 0 {
			continue
		}
		b.again()
		again, err := s.sendUntilAcknowledged(uploading, b, key, sold)
		if err != nil {
			return
		}
		if !bytes.Equal(first, again) {
			b.complain("ticket %s: the first answer was %s, the next %s", sold.id, first, again)
		}
	}
}

var errWrongAnswer = errors.New("no answer to a good ticket")

// sendUntilAcknowledged sends the same request again and again, until it is acknowledged or the clients have to give up.
func (s *system) sendUntilAcknowledged(ctx context.Context, b *book, key string, sold sale) ([]byte, error) {
	for {
		status, body, err := s.send(ctx, key, sold.body)
		switch {
		case err == nil && (status == http.StatusCreated || status == http.StatusOK):
			return body, nil
		case err == nil && status != http.StatusServiceUnavailable && status != http.StatusConflict && status != http.StatusTooManyRequests:
			b.complain("ticket %s was answered with %d: %s", sold.id, status, body)
			return nil, errWrongAnswer
		}
		if err := sleep(ctx, resendPause); err != nil {
			return nil, err
		}
		b.again()
	}
}

func (s *system) send(ctx context.Context, key string, body []byte) (status int, answer []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.env.Get("TILLPROOF_COLLECTOR_URL")+"/v1/tickets", bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Authorization", "Bearer "+s.tillKey)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", key)
	response, err := s.client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	if answer, err = io.ReadAll(response.Body); err != nil {
		return 0, nil, fmt.Errorf("read the answer: %w", err)
	}
	return response.StatusCode, answer, nil
}
