package stack

import (
	"context"
	"fmt"
	"os/exec"
	"strings"

	"github.com/tillproof/tillproof/network/precheck"
	"github.com/tillproof/tillproof/network/programs"
)

// Disk space for the first start, in the run directory and in Go's caches,
// while Fabric is compiled, and for a later one.
const (
	spaceToBuild = 3 << 30
	spaceToCache = 2 << 30
	spaceToRun   = 500 << 20
)

func (c Configuration) checkDirectory() error { return precheck.OurDirectory(c.Run) }

// checkMachine looks for what would make a later step fail.
func (s *stack) checkMachine(ctx context.Context) error {
	for _, check := range []func(context.Context) error{s.checkSpace, s.checkPorts, s.checkPostgres} {
		if err := check(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s *stack) checkPostgres(ctx context.Context) error {
	if s.DatabaseURL != "" {
		return nil
	}
	_, _, err := s.findPostgres(ctx)
	return err
}

func (s *stack) checkSpace(ctx context.Context) error {
	built, err := programs.FabricIsBuilt(s.fabricModule(), s.fabricPrograms())
	if err != nil {
		return err
	}
	if built {
		return precheck.Space(s.Run, spaceToRun, "running the network")
	}
	if err := precheck.Space(s.Run, spaceToBuild, "building Fabric's programs"); err != nil {
		return err
	}
	output, err := exec.CommandContext(ctx, "go", "env", "GOCACHE", "GOMODCACHE").Output()
	if err != nil {
		return fmt.Errorf("go env: %w", err)
	}
	for _, cache := range strings.Fields(string(output)) {
		if err := precheck.Space(cache, spaceToCache, "building Fabric's programs"); err != nil {
			return err
		}
	}
	return nil
}

// checkPorts looks at the ports of what does not run yet.
func (s *stack) checkPorts(context.Context) error {
	for _, l := range listeners {
		if l.daemon == "postgres" && s.DatabaseURL != "" {
			continue
		}
		running, err := s.supervisor.Running(l.daemon)
		if err != nil {
			return err
		}
		if running {
			continue
		}
		for _, offset := range l.ports {
			if err := precheck.PortFree(s.ports.number(offset), l.known, s.otherPorts()); err != nil {
				return err
			}
		}
	}
	return nil
}

// otherPorts is how to come by other ports.
func (s *stack) otherPorts() string {
	if s.begun() {
		return "remove the network with scripts/down --clean and make it on other ports with TILLPROOF_PORT_BASE"
	}
	return "choose other ports with TILLPROOF_PORT_BASE, for instance TILLPROOF_PORT_BASE=9080 scripts/up"
}
