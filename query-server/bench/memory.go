package bench

import (
	"bufio"
	"bytes"
	"context"
	"strconv"
	"time"
)

const memoryLookEvery = 250 * time.Millisecond

// watchMemory gives the largest resident set that the server was seen with, once ctx has ended.
func (s *server) watchMemory(ctx context.Context) <-chan int64 {
	peak := make(chan int64, 1)
	go func() {
		largest := int64(0)
		for ctx.Err() == nil {
			largest = max(largest, s.residentBytes())
			time.Sleep(memoryLookEvery)
		}
		peak <- largest
	}()
	return peak
}

func (s *server) residentBytes() int64 {
	response, err := s.client.Get(s.url + "/metrics")
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	resident := 0.0
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		if value, found := bytes.CutPrefix(lines.Bytes(), []byte("process_resident_memory_bytes ")); found {
			resident, _ = strconv.ParseFloat(string(value), 64)
		}
	}
	return int64(resident)
}
