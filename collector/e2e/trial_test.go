package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/tillproof/tillproof/collector/keyring"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/network/identity"
	"github.com/tillproof/tillproof/network/material"
	"github.com/tillproof/tillproof/network/peerquery"
	"github.com/tillproof/tillproof/network/stack"
)

// A trial is a small system of its own, for what no other test could live with: chaincode that lies, peers that lose
// everything, upgrades.
type trial struct {
	stack.Configuration
	env  map[string]string
	keys *keyring.Keyring
	sold int64 // the last ticket's number
}

// TestTrials has one system for all, as bringing it up takes longer than any trial.
func TestTrials(t *testing.T) {
	s := newTrial(t)
	for _, o := range []material.Organisation{material.Retail, material.Brands} {
		run(t, o.MSPID+"'s chaincode lies", func(t *testing.T) { s.lie(t, o) })
	}
	for _, o := range []material.Organisation{material.Retail, material.Brands} {
		run(t, o.MSPID+"'s peer is wiped and rejoins", func(t *testing.T) { s.rejoin(t, o) })
	}
	run(t, "the chaincode is upgraded", s.upgrade)
}

// run ends the test with the first trial that fails: it leaves a system that the next cannot count on.
func run(t *testing.T, name string, trial func(*testing.T)) {
	t.Helper()
	if !t.Run(name, trial) {
		t.FailNow()
	}
}

func newTrial(t *testing.T) *trial {
	t.Helper()
	run := os.Getenv("TILLPROOF_TRIAL_RUN")
	if run == "" {
		t.Skip("TILLPROOF_TRIAL_RUN is not set: scripts/test sets it to a folder whose bin holds the programs")
	}
	settings := map[string]string{
		"TILLPROOF_RUN": run, "TILLPROOF_PORT_BASE": os.Getenv("TILLPROOF_TRIAL_PORT_BASE"), "PATH": os.Getenv("PATH"),
	}
	configuration, err := stack.FromEnvironment(filepath.Join("..", ".."), func(name string) string { return settings[name] },
		func(message string) { t.Log(message) })
	if err != nil {
		t.Fatal(err)
	}
	if err := stack.Down(t.Context(), configuration, true); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // what failed is left to look at
		if err := stack.Down(context.Background(), configuration, !t.Failed()); err != nil {
			t.Error(err)
		}
	})
	if _, err := stack.Up(t.Context(), configuration, stack.Data{Folder: firstData(t)}); err != nil {
		t.Fatal(err)
	}
	s := &trial{Configuration: configuration, env: readEnv(t, filepath.Join(configuration.Run, "env"))}
	if s.keys, err = keyring.Open(s.env["TILLPROOF_KEYS_DIR"]); err != nil {
		t.Fatal(err)
	}
	return s
}

// firstData registers the store whose tickets come later, and has none of them.
func firstData(t *testing.T) (folder string) {
	t.Helper()
	folder = t.TempDir()
	for name, content := range map[string]string{
		"stores.ndjson":  `{"storeId":"trial","name":"Trial"}` + "\n",
		"tickets.ndjson": "",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// repair starts what is down, or runs with another program or definition than it should.
func (s *trial) repair(t *testing.T) {
	t.Helper()
	eventually(t, "repair", 30*time.Second, func() (struct{}, error) { // a killed program's ports may be in use for a moment
		return struct{}{}, stack.Repair(t.Context(), s.Configuration)
	})
}

// sell has the collector record tickets, and waits until both peers hold them.
func (s *trial) sell(t *testing.T, tickets int) []ledger.TicketKey {
	t.Helper()
	keys, upload := s.sales(t, tickets)
	if err := upload(); err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		for _, o := range []material.Organisation{material.Retail, material.Brands} {
			s.held(t, o, key)
		}
	}
	return keys
}

// sales makes tickets and gives the function that uploads them.
func (s *trial) sales(t *testing.T, tickets int) (keys []ledger.TicketKey, upload func() error) {
	t.Helper()
	const store, till, day = "trial", "1", "2026-03-01"
	var lines strings.Builder
	for range tickets {
		s.sold++
		keys = append(keys, s.keys.TicketKey("main", store, till, day, s.sold))
		fmt.Fprintf(&lines, `{"schemaVersion":"1","transactionId":"%s","transactionType":"Sale","storeId":"%s","workstationId":"%s",`+
			`"sequenceNumber":%d,"businessDayDate":"%s","endDateTime":"2026-03-01T10:00:00Z","loyaltyId":"trial","currencyCode":"EUR",`+
			`"totals":{"grand":10000},"lineItems":[{"sequenceNumber":1,"itemId":"A","quantity":"1","extendedAmount":10000}]}`+"\n",
			uuid.NewString(), store, till, s.sold, day)
	}
	file := filepath.Join(t.TempDir(), "tickets.ndjson")
	if err := os.WriteFile(file, []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return keys, func() error {
		command := exec.Command(filepath.Join(s.Run, "bin", "tillproof"), "upload", file)
		command.Env = append(os.Environ(), "TILLPROOF_TOKEN=", "TILLPROOF_USERNAME=admin", "TILLPROOF_PASSWORD="+s.env["TILLPROOF_PASSWORD_ADMIN"],
			"TILLPROOF_COLLECTOR_URL="+s.env["TILLPROOF_COLLECTOR_URL"], "TILLPROOF_QUERY_URL="+s.env["TILLPROOF_QUERY_URL"])
		if output, err := command.CombinedOutput(); err != nil {
			return fmt.Errorf("upload: %w: %s", err, output)
		}
		return nil
	}
}

// at asks an organisation's peer by itself, as that organisation's client.
func (s *trial) at(t *testing.T, o material.Organisation, chaincode string) *peerquery.Peer {
	t.Helper()
	as := material.RetailAuditor
	if o == material.Brands {
		as = material.BrandsAuditor
	}
	dir := material.Directory(s.env["TILLPROOF_CRYPTO_DIR"])
	id, err := identity.Load(o.MSPID, dir.Client(as).Certificate, dir.Client(as).Key)
	if err != nil {
		t.Fatal(err)
	}
	connection, err := identity.Dial(s.env["TILLPROOF_"+strings.ToUpper(o.Name)+"_PEER"], dir.TLSCA(o))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeConnection(t, connection) })
	return peerquery.New(connection, id, "tickets", chaincode)
}

// held is a ticket's record and sealed body as a peer holds them; it waits until the peer does. A body that the peer
// could not get at once is asked for again every half minute.
func (s *trial) held(t *testing.T, o material.Organisation, key ledger.TicketKey) string {
	t.Helper()
	p := s.at(t, o, "tickets")
	return eventually(t, o.MSPID+" holds ticket "+key.String(), 90*time.Second, func() (string, error) {
		record, err := p.Evaluate(t.Context(), "ReadRecord", key.String())
		if err != nil {
			return "", err
		}
		body, err := p.Evaluate(t.Context(), "ReadBody", key.String())
		if err == nil && len(body) == 0 {
			err = fmt.Errorf("the body is empty")
		}
		return string(record) + string(body), err
	})
}

// holdings are what a peer holds of several tickets.
func (s *trial) holdings(t *testing.T, o material.Organisation, keys []ledger.TicketKey) (all string) {
	t.Helper()
	for _, key := range keys {
		all += s.held(t, o, key) + "\n"
	}
	return all
}

// eventually repeats a reading until there is one.
func eventually[V any](t *testing.T, what string, within time.Duration, read func() (V, error)) V {
	t.Helper()
	for deadline := time.Now().Add(within); ; time.Sleep(200 * time.Millisecond) {
		value, err := read()
		if err == nil {
			return value
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: %v", what, err)
		}
	}
}

// An edit of the chaincode's source makes another program of it.
type edit struct{ file, from, to string }

// buildChaincode builds the chaincode with edits that the repository does not see.
func (s *trial) buildChaincode(t *testing.T, edits ...edit) (program string) {
	t.Helper()
	dir := t.TempDir()
	source, replace := map[string]string{}, map[string]string{}
	for _, e := range edits {
		original := filepath.Join(s.Repository, "chaincode", "contract", e.file)
		if source[e.file] == "" {
			content, err := os.ReadFile(original)
			if err != nil {
				t.Fatal(err)
			}
			source[e.file] = string(content)
		}
		if n := strings.Count(source[e.file], e.from); n != 1 {
			t.Fatalf("%s contains %q %d times, want once: bring the edit up to date", e.file, e.from, n)
		}
		source[e.file] = strings.Replace(source[e.file], e.from, e.to, 1)
		replace[original] = filepath.Join(dir, e.file)
		if err := os.WriteFile(replace[original], []byte(source[e.file]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	program = filepath.Join(dir, "tillproof-chaincode")
	command := exec.Command("go", "build", "-buildvcs=false", "-overlay", filepath.Join(dir, "overlay.json"), "-o", program,
		"./chaincode/cmd/tillproof-chaincode")
	command.Dir = s.Repository
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, output)
	}
	return program
}
