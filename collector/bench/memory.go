package bench

import (
	"bufio"
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// memory is the largest resident set that the collector was seen with.
type memory struct {
	cancel context.CancelFunc
	peak   chan int64
}

// watchMemory asks the collector's own metrics, some times a second.
func watchMemory(ctx context.Context, s *system) *memory {
	ctx, cancel := context.WithCancel(ctx)
	m := &memory{cancel: cancel, peak: make(chan int64, 1)}
	go func() {
		var peak int64
		for ctx.Err() == nil {
			peak = max(peak, s.residentBytes(ctx))
			sleep(ctx, 250*time.Millisecond)
		}
		m.peak <- peak
	}()
	return m
}

func (m *memory) stop() int64 {
	m.cancel()
	return <-m.peak
}

func (s *system) residentBytes(ctx context.Context) int64 {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.collector("/metrics"), nil)
	if err != nil {
		return 0
	}
	response, err := s.client.Do(request)
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	resident := int64(0)
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		if value, found := strings.CutPrefix(lines.Text(), "process_resident_memory_bytes "); found {
			bytes, _ := strconv.ParseFloat(value, 64)
			resident = int64(bytes)
		}
	}
	return resident
}
