package stack

import (
	"context"
	"fmt"
	"slices"
)

// Daemons are the names of what a system consists of.
func Daemons() []string {
	names := make([]string, len(listeners))
	for i, l := range listeners {
		names[i] = l.daemon
	}
	return names
}

// Kill ends one daemon of the system as a power cut would, for trials of what happens then.
func Kill(ctx context.Context, c Configuration, name string) error {
	if !slices.Contains(Daemons(), name) {
		return fmt.Errorf("%q is no part of the system", name)
	}
	release, err := c.lock()
	if err != nil {
		return err
	}
	defer release()
	supervisor, err := c.newSupervisor()
	if err != nil {
		return err
	}
	_, err = supervisor.Kill(ctx, name)
	return err
}

// Repair starts what is down of a system that Up has brought up, with the programs and data that are there.
func Repair(ctx context.Context, c Configuration) error {
	s, release, err := prepare(ctx, c)
	if err != nil {
		return err
	}
	defer release()
	for _, step := range []func(context.Context) error{s.startDatabase, s.startNetwork, s.startEthereum, s.startServers, s.startAnchor} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}
