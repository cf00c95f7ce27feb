package stack

import (
	"bytes"
	"context"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tillproof/tillproof/network/demo"
	"github.com/tillproof/tillproof/network/envfile"
)

func configuration(t *testing.T) Configuration {
	t.Helper()
	return Configuration{Run: t.TempDir(), Progress: func(m string) { t.Log(m) }}
}

func TestFromEnvironment(t *testing.T) {
	tests := map[string]struct {
		env  map[string]string
		want string // in the error; "" for none
	}{
		"nothing":             {nil, ""},
		"a port base":         {map[string]string{"TILLPROOF_PORT_BASE": "18000"}, ""},
		"no number":           {map[string]string{"TILLPROOF_PORT_BASE": "many"}, "from 1024 to 65496"},
		"a privileged port":   {map[string]string{"TILLPROOF_PORT_BASE": "80"}, "from 1024 to 65496"},
		"too high":            {map[string]string{"TILLPROOF_PORT_BASE": "65500"}, "from 1024 to 65496"},
		"npm":                 {map[string]string{"TILLPROOF_POSTGRES": "npm"}, ""},
		"an unknown database": {map[string]string{"TILLPROOF_POSTGRES": "docker"}, "system or npm"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := FromEnvironment(t.TempDir(), func(key string) string { return test.env[key] }, func(string) {})
			switch {
			case test.want == "" && err != nil:
				t.Errorf("error = %v", err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("error = %v, want one that says %q", err, test.want)
			}
		})
	}
}

func TestRatesReachTheCollector(t *testing.T) {
	env := map[string]string{"RATES_FIXED": "EUR/USD=1.5@2026-11-01", "RATES_FORMAT": "coingecko"}
	c, err := FromEnvironment(t.TempDir(), func(key string) string { return env[key] }, func(string) {})
	want := []string{"RATES_FORMAT=coingecko", "RATES_FIXED=EUR/USD=1.5@2026-11-01"}
	if err != nil || !slices.Equal(c.Rates, want) {
		t.Errorf("%q, %v; want %q", c.Rates, err, want)
	}
	s := &stack{Configuration: c}
	if slices.Contains(s.anchorEnv(), want[0]) {
		t.Error("without a budget the anchor service needs no rates")
	}
	env["ANCHOR_BUDGET"] = "5.00 EUR"
	if s.Configuration, err = FromEnvironment(t.TempDir(), func(key string) string { return env[key] }, func(string) {}); err != nil {
		t.Fatal(err)
	}
	for _, setting := range append(want, "ANCHOR_BUDGET=5.00 EUR") {
		if !slices.Contains(s.anchorEnv(), setting) {
			t.Errorf("the anchor service is not told %s", setting)
		}
	}
}

func TestOnlyOneAtATime(t *testing.T) {
	c := configuration(t)
	release, err := c.lock()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.lock(); err == nil || !strings.Contains(err.Error(), "at work in") {
		t.Errorf("error = %v, want one that says another is at work", err)
	}
	release()
	again, err := c.lock()
	if err != nil {
		t.Fatalf("the lock outlived its holder: %v", err)
	}
	again()
}

func TestWhatWasSettledStays(t *testing.T) {
	c := configuration(t)
	c.PortBase = 18000
	first := settle(t, c)
	begin(t, c)

	c.PortBase = 0 // a later start without any environment
	second := settle(t, c)

	for _, key := range []string{keyPortBase, keyOwnerPassword, keyCollectorPassword, keyQueryPassword, keyDatabaseURL, passwordKey(demo.Customer)} {
		if first.Get(key) == "" || first.Get(key) != second.Get(key) {
			t.Errorf("%s was %q and is %q", key, first.Get(key), second.Get(key))
		}
	}
	c.PortBase = 19000
	if _, err := c.settle(); err == nil || !strings.Contains(err.Error(), "TILLPROOF_PORT_BASE=18000") {
		t.Errorf("other ports: error = %v, want one that names the first", err)
	}
}

func TestNothingIsSettledBeforeItIsBegun(t *testing.T) {
	c := configuration(t)
	settle(t, c) // and then, say, a port was in use
	c.PortBase = 19000
	c.DatabaseURL = "postgres://me@db.example/tillproof"
	env := settle(t, c)
	if got := env.Get(keyPortBase); got != "19000" {
		t.Errorf("the ports are %s, want those asked for", got)
	}
	if got := env.Get(keyDatabaseURL); got != c.DatabaseURL {
		t.Errorf("the database is %s, want the one asked for", got)
	}
}

func TestTheDatabaseStays(t *testing.T) {
	const given = "postgres://me:secret@db.example/tillproof"
	own, external := configuration(t), configuration(t)
	ownURL := settle(t, own).Get(keyDatabaseURL)
	external.DatabaseURL = given
	settle(t, external)
	begin(t, own)
	begin(t, external)

	tests := map[string]struct {
		c    Configuration
		url  string
		uses string // the URL, "" for a server of our own
		ok   bool
	}{
		"own, as before":                  {own, "", "", true},
		"own, whose env file was sourced": {own, ownURL, "", true},
		"own, then another":               {own, given, "", false},
		"given, as before":                {external, given, given, true},
		"given, from the env file":        {external, "", given, true},
		"given, with a new password":      {external, "postgres://me:new@db.example/tillproof", "postgres://me:new@db.example/tillproof", true},
		"given, then another":             {external, "postgres://me:secret@db.example/other", "", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := test.c
			c.DatabaseURL = test.url
			_, err := c.settle()
			if (err == nil) != test.ok {
				t.Fatalf("error = %v", err)
			}
			if err == nil && c.DatabaseURL != test.uses {
				t.Errorf("uses %q, want %q", c.DatabaseURL, test.uses)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("error %q shows a password", err)
			}
		})
	}
}

func TestDownWithoutUp(t *testing.T) {
	c := configuration(t)
	c.Run = filepath.Join(c.Run, "never")
	if err := Down(context.Background(), c, true); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(c.Run); err == nil {
		t.Error("stopping nothing made a folder")
	}
}

func TestCleanRemovesOnlyWhatWasMade(t *testing.T) {
	c := configuration(t)
	settle(t, c)
	for _, file := range []string{"bin/peer", "fabric/genesis.block", "crypto.new-1/ca", "crypto/ca", "keys/ticket", "postgres/data/PG_VERSION", "somebody/elses"} {
		if err := os.MkdirAll(filepath.Dir(c.in(file)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(c.in(file), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}

	if err := Down(context.Background(), c, true); err != nil {
		t.Fatal(err)
	}

	for file, stays := range map[string]bool{
		"bin/peer": true, "somebody/elses": true,
		"fabric": false, "crypto": false, "crypto.new-1": false, "keys": false, "postgres": false, "env": false, "cleaning": false,
	} {
		if _, err := os.Stat(c.in(file)); (err == nil) != stays {
			t.Errorf("%s: stays = %v, want %v", file, err == nil, stays)
		}
	}
}

func TestAnInterruptedCleaningIsFinished(t *testing.T) {
	c := configuration(t)
	settle(t, c)
	if err := os.WriteFile(c.cleaningMarker(), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.finishCleaning(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(c.envFile()); err == nil {
		t.Error("half of the old system is still there")
	}
}

func TestReportSaysWhenPeersDisagree(t *testing.T) {
	tests := map[string]struct {
		retail, brands int
		recorded       int64
		want           string
	}{
		"equal":            {7, 7, 7, ""},
		"disagree":         {7, 6, 7, "two peers disagree"},
		"both lack some":   {6, 6, 7, "tickets are missing"},
		"nothing recorded": {0, 0, 0, ""},
	}
	for name, test := range tests {
		r := Report{OnRetailPeer: test.retail, OnBrandsPeer: test.brands}
		r.Recorded = test.recorded
		err := r.check()
		if (err == nil) != (test.want == "") || (err != nil && !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: error = %v, want %q", name, err, test.want)
		}
	}
}

func TestReportInPlainWords(t *testing.T) {
	points := int64(1)
	r := Report{
		OnRetailPeer: 12, OnBrandsPeer: 12, Points: &points,
		Sold: &demo.Sold{Units: big.NewRat(25, 2), Amounts: map[string]*big.Rat{"EUR": big.NewRat(1230, 1), "JPY": big.NewRat(500, 1)}},
	}
	var out bytes.Buffer
	r.Print(&out)
	for _, want := range []string{"All 12 recorded tickets are on both peers", "has 1 point.", "sold 12.5 units for 12.30 EUR and 500 JPY."} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report does not say %q:\n%s", want, out.String())
		}
	}
}

func TestDataExcludeEachOther(t *testing.T) {
	if err := (Data{None: true, Folder: "x"}).check(); err == nil {
		t.Error("--data and --no-data were both taken")
	}
	if err := (Data{Folder: t.TempDir()}).check(); err == nil {
		t.Error("a folder without tickets was taken")
	}
}

// begin makes what stands for a network that was set up.
func begin(t *testing.T, c Configuration) {
	t.Helper()
	if err := os.MkdirAll(c.in("fabric"), 0o700); err != nil {
		t.Fatal(err)
	}
}

func settle(t *testing.T, c Configuration) *envfile.File {
	t.Helper()
	env, err := c.settle()
	if err != nil {
		t.Fatal(err)
	}
	return env
}
