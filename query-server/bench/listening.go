package bench

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/tillproof/tillproof/hotstate"
)

// listen opens all streams. What each heard is there once wait has returned.
func (s *server) listen(ctx context.Context, b *broadcast) (heard [][]time.Duration, wait func() error, err error) {
	heard = make([][]time.Duration, listeners)
	failures := make([]error, listeners)
	var open, reading sync.WaitGroup
	slots := make(chan struct{}, connectAtOnce)
	for i := range listeners {
		slots <- struct{}{}
		open.Add(1)
		opened := sync.OnceFunc(func() { <-slots; open.Done() })
		reading.Go(func() {
			defer opened()
			heard[i], failures[i] = s.hear(ctx, i, b, opened)
		})
	}
	open.Wait()
	return heard, func() error { reading.Wait(); return errors.Join(failures...) }, errors.Join(failures...)
}

// hear reads one stream until ctx ends.
func (s *server) hear(ctx context.Context, i int, b *broadcast, opened func()) (delays []time.Duration, err error) {
	maker := i % manufacturers
	bearer, err := s.bearer("listener-"+strconv.Itoa(i), hotstate.Actor{Role: hotstate.RoleManufacturer, ManufacturerID: manufacturerID(maker)})
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/v1/sales/stream", nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", bearer)
	response, err := (&http.Client{Transport: s.client.Transport}).Do(request) // without the limit that other requests have
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("listener %d: %s", i, response.Status)
	}
	stream := bufio.NewReaderSize(response.Body, 4<<10)
	told := b.first - 1
	for {
		line, err := stream.ReadSlice('\n')
		if ctx.Err() != nil {
			return delays, nil
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return delays, fmt.Errorf("listener %d was let go: %w", i, err)
		}
		id, is := bytes.CutPrefix(line, []byte("id: "))
		if !is {
			continue
		}
		opened()
		block, err := strconv.ParseInt(string(bytes.TrimSpace(id)), 10, 64)
		if err != nil {
			return delays, err
		}
		delays = append(delays, b.delays(told, block, maker)...)
		told = max(told, block)
	}
}
