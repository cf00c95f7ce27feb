// Package stack is the whole system on one machine: PostgreSQL, the Fabric
// network with its chaincode, and our servers, all on 127.0.0.1. Up brings it
// up or repairs it, Down stops it. Everything that comes to be at run time is
// under one directory, .run in the repository unless it is said otherwise.
package stack

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// defaultPortBase is the first of 40 ports, see Ports.
const defaultPortBase = 8080

// Configuration says where the system is and what it may use.
type Configuration struct {
	Repository string
	Run        string // everything made at run time
	PortBase   int    // 0: the one used before, or the default
	// DatabaseURL is the owner's URL of a database that is there already; ""
	// stands for a server of our own.
	DatabaseURL string
	// Postgres is the kind of programs for a server of our own: "system" (on
	// the machine), "npm" (fetched), or "" for the first of these that can be had.
	Postgres string
	Path     string // the PATH for daemons
	// Rates are the settings RATES_URL, RATES_FORMAT and RATES_FIXED of collector and anchor service, as NAME=value, where
	// they are set.
	Rates []string
	// AnchorBudget is the anchor service's setting ANCHOR_BUDGET.
	AnchorBudget string
	// ChaincodePrograms replaces an organisation's chaincode program (by MSP
	// id), for tests of what happens when one of them runs another.
	ChaincodePrograms map[string]string
	// Collections replaces the chaincode's private collections, for tests of an
	// upgrade; nil leaves them as they are.
	Collections []byte
	// Progress is told of every step.
	Progress func(message string)
}

// FromEnvironment reads what scripts/up and scripts/down may be told:
// TILLPROOF_RUN, TILLPROOF_PORT_BASE, DATABASE_URL, TILLPROOF_POSTGRES, RATES_* and ANCHOR_BUDGET.
func FromEnvironment(repository string, getenv func(string) string, progress func(string)) (Configuration, error) {
	repository, err := filepath.Abs(repository)
	if err != nil {
		return Configuration{}, err
	}
	c := Configuration{
		Repository:  repository,
		Run:         getenv("TILLPROOF_RUN"),
		DatabaseURL: getenv("DATABASE_URL"),
		Postgres:    getenv("TILLPROOF_POSTGRES"),
		Path:        getenv("PATH"),
		Progress:    progress,

		AnchorBudget: getenv("ANCHOR_BUDGET"),
	}
	if c.Run == "" {
		c.Run = filepath.Join(repository, ".run")
	}
	if c.Run, err = filepath.Abs(c.Run); err != nil {
		return Configuration{}, err
	}
	if base := getenv("TILLPROOF_PORT_BASE"); base != "" {
		if c.PortBase, err = parsePortBase(base); err != nil {
			return Configuration{}, err
		}
	}
	for _, name := range []string{"RATES_URL", "RATES_FORMAT", "RATES_FIXED"} {
		if value := getenv(name); value != "" {
			c.Rates = append(c.Rates, name+"="+value)
		}
	}
	switch c.Postgres {
	case "", "system", "npm":
	default:
		return Configuration{}, fmt.Errorf("TILLPROOF_POSTGRES is %q: it can be system or npm, or be left out", c.Postgres)
	}
	return c, nil
}

func parsePortBase(text string) (int, error) {
	base, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || base < 1024 || base+lastPort > 65535 {
		return 0, fmt.Errorf("TILLPROOF_PORT_BASE is %q: it must be a number from 1024 to %d", text, 65535-lastPort)
	}
	return base, nil
}

// The places in the run directory.
func (c Configuration) in(names ...string) string {
	return filepath.Join(append([]string{c.Run}, names...)...)
}

func (c Configuration) program(name string) string { return c.in("bin", name) }
func (c Configuration) fabricPrograms() string     { return c.in("bin", "fabric") }
func (c Configuration) envFile() string            { return c.in("env") }
func (c Configuration) keys() string               { return c.in("keys") }
func (c Configuration) postgres() string           { return c.in("postgres") }
func (c Configuration) ethereumPrograms() string   { return c.in("bin", "ethereum") }
func (c Configuration) ethereumModule() string {
	return filepath.Join(c.Repository, "network", "ethereum")
}
func (c Configuration) fabricModule() string {
	return filepath.Join(c.Repository, "network", "fabric")
}

// fetched is kept by Down even if it removes the data, as bin is.
func (c Configuration) fetchedPostgres() string { return c.in("postgres-programs") }

// isRepository guards against being run in the wrong place.
func (c Configuration) isRepository() error {
	if _, err := os.Stat(filepath.Join(c.Repository, "go.work")); err != nil {
		return fmt.Errorf("%s is not the Tillproof repository: it has no go.work", c.Repository)
	}
	return nil
}
