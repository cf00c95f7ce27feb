package stack

import (
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/tillproof/tillproof/network/demo"
	"github.com/tillproof/tillproof/network/envfile"
	"github.com/tillproof/tillproof/network/postgres"
)

// The keys of the env file that are settings, and not only said to others.
const (
	keyPortBase          = "TILLPROOF_PORT_BASE"
	keyDatabaseURL       = "DATABASE_URL"
	keyDatabase          = "TILLPROOF_DATABASE" // ownDatabase or givenDatabase
	keyOwnerPassword     = "TILLPROOF_DB_PASSWORD_OWNER"
	keyCollectorPassword = "TILLPROOF_DB_PASSWORD_COLLECTOR"
	keyQueryPassword     = "TILLPROOF_DB_PASSWORD_QUERY"
	keyAnchorPassword    = "TILLPROOF_DB_PASSWORD_ANCHOR"
)

// Whose database server it is.
const (
	ownDatabase   = "own"
	givenDatabase = "given"
)

// users are those whose passwords are made up here.
var users = []string{demo.Admin, demo.Auditor, demo.Customer, demo.Store, demo.Maker}

// passwordKey is the user's key in the env file.
func passwordKey(user string) string {
	return "TILLPROOF_PASSWORD_" + strings.ToUpper(strings.ReplaceAll(user, "-", "_"))
}

// settle brings together what the environment says and what was decided at the
// first start, and keeps the result before anything is built on it.
func (c *Configuration) settle() (*envfile.File, error) {
	env, err := envfile.Read(c.envFile())
	if err != nil {
		return nil, err
	}
	if err := c.settlePorts(env); err != nil {
		return nil, err
	}
	if err := c.settleDatabase(env); err != nil {
		return nil, err
	}
	for _, key := range []string{keyOwnerPassword, keyCollectorPassword, keyQueryPassword, keyAnchorPassword} {
		env.SetDefault(key, rand.Text)
	}
	if env.Get(keyDatabase) == ownDatabase {
		port := Ports(c.PortBase).number(postgresPort)
		env.Set(keyDatabaseURL, postgres.OwnURL(port, env.Get(keyOwnerPassword), postgres.Database))
	}
	for _, user := range users {
		env.SetDefault(passwordKey(user), loginPassword)
	}
	return env, env.Write(c.envFile())
}

// loginPassword has 80 bits and can be typed.
func loginPassword() string { return strings.ToLower(rand.Text()[:16]) }

// begun says whether there is a network or a database that was made for the
// settings of an earlier start.
func (c *Configuration) begun() bool {
	for _, made := range []string{c.in("fabric"), c.postgres()} {
		if _, err := os.Stat(made); err == nil {
			return true
		}
	}
	return false
}

// settlePorts stays with the ports of the first start: they are part of what
// the channel's first block says.
func (c *Configuration) settlePorts(env *envfile.File) error {
	before := env.Get(keyPortBase)
	if before == "" || !c.begun() {
		if c.PortBase == 0 {
			c.PortBase = defaultPortBase
		}
		env.Set(keyPortBase, strconv.Itoa(c.PortBase))
		return nil
	}
	base, err := parsePortBase(before)
	if err != nil {
		return fmt.Errorf("%s: %w", c.envFile(), err)
	}
	if c.PortBase != 0 && c.PortBase != base {
		return fmt.Errorf("the network in %s was made for TILLPROOF_PORT_BASE=%d: start it with that, or remove it with scripts/down --clean", c.Run, base)
	}
	c.PortBase = base
	return nil
}

// settleDatabase stays with the database of the first start: another would not
// know what this ledger holds.
func (c *Configuration) settleDatabase(env *envfile.File) error {
	before := env.Get(keyDatabaseURL)
	whose := env.Get(keyDatabase)
	if !c.begun() && c.DatabaseURL != before {
		whose = "" // nothing was made yet: all is open
	}
	switch whose {
	case ownDatabase:
		// Somebody may have sourced the env file, where it is ours.
		if c.DatabaseURL != "" && c.DatabaseURL != before {
			return fmt.Errorf("the network in %s was made with a database server of its own: unset DATABASE_URL, or remove it with scripts/down --clean", c.Run)
		}
		c.DatabaseURL = ""
	case givenDatabase:
		if c.DatabaseURL != "" && !sameDatabase(c.DatabaseURL, before) {
			return fmt.Errorf("the network in %s was made with another DATABASE_URL (see %s): start it with that, or remove it with scripts/down --clean", c.Run, c.envFile())
		}
		if c.DatabaseURL == "" {
			c.DatabaseURL = before
		}
		env.Set(keyDatabaseURL, c.DatabaseURL)
	default:
		env.Set(keyDatabase, ownDatabase)
		if c.DatabaseURL != "" {
			if _, err := postgres.AsRole(c.DatabaseURL, "", ""); err != nil {
				return err
			}
			env.Set(keyDatabase, givenDatabase)
			env.Set(keyDatabaseURL, c.DatabaseURL)
		}
	}
	return nil
}

// sameDatabase compares servers and databases: user or password may change.
func sameDatabase(a, b string) bool {
	first, err := url.Parse(a)
	if err != nil {
		return false
	}
	second, err := url.Parse(b)
	return err == nil && first.Host == second.Host && first.Path == second.Path
}
