package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"
)

// maxRequests bounds the single tickets that wait for their answers. A system that follows is far from it.
const maxRequests = 2000

// acceptance sends single tickets at a fixed rate, whether or not the ones before have been answered, as tills do. The time
// of each runs from the moment at which it was due, so that a stall counts for every ticket it holds up.
func (s *system) acceptance(ctx context.Context, rate int, during time.Duration) (Acceptance, error) {
	tickets := s.work.many(int(float64(rate) * during.Seconds()))
	took := make([]time.Duration, len(tickets))
	failures := make([]error, len(tickets))
	slots := make(chan struct{}, maxRequests)
	var sent sync.WaitGroup
	began := time.Now()
	for i, ticket := range tickets {
		due := began.Add(time.Duration(i) * time.Second / time.Duration(rate))
		time.Sleep(time.Until(due))
		slots <- struct{}{}
		sent.Go(func() {
			defer func() { <-slots }()
			failures[i] = s.sell(ctx, ticket)
			took[i] = time.Since(due)
		})
	}
	sent.Wait()
	result := Acceptance{Rate: rate, Tickets: len(tickets), Answers: quantiles(took)}
	for _, failure := range failures {
		if failure != nil {
			result.Failed++
			result.FirstFailure = failure.Error()
		}
	}
	if result.Failed == len(tickets) {
		return result, fmt.Errorf("%w: %s", errRefused, result.FirstFailure)
	}
	_, err := s.awaitLanded(ctx)
	return result, err
}

// sell sends one ticket as a till does.
func (s *system) sell(ctx context.Context, ticket []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.collector("/v1/tickets"), bytes.NewReader(ticket))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+s.tillKey)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", uuid.NewString())
	response, err := s.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body) // to its end, so that the connection serves again
	if err == nil && response.StatusCode != http.StatusCreated {
		err = fmt.Errorf("%s: %s", response.Status, body)
	}
	return err
}
