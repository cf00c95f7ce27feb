package main

import (
	"context"
	"sync"
)

// workers are the goroutines behind the server. Each runs until its context ends; whoever stops them waits for them.
type workers struct {
	cancel context.CancelFunc
	group  sync.WaitGroup
}

func startWorkers(runs ...func(ctx context.Context)) *workers {
	ctx, cancel := context.WithCancel(context.Background())
	w := &workers{cancel: cancel}
	for _, run := range runs {
		w.group.Go(func() { run(ctx) })
	}
	return w
}

func (w *workers) stop() {
	w.cancel()
	w.group.Wait()
}
