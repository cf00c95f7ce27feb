package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A real system's receipt and line are proven with no server of it, and its log is the ledger's by either organisation's
// own peer.
func TestTheRunningSystemIsProvenAndAudited(t *testing.T) {
	file := os.Getenv("TILLPROOF_E2E_ENV")
	if file == "" {
		t.Skip("TILLPROOF_E2E_ENV is not set: scripts/test brings a system up and sets it")
	}
	env := readEnv(t, file)
	customer := signIn(t, env, "customer-1", "TILLPROOF_PASSWORD_CUSTOMER_1")
	maker := signIn(t, env, "maker-1", "TILLPROOF_PASSWORD_MAKER_1")
	for name, test := range map[string]struct{ token, list, id, proof, shows string }{
		"receipt": {customer, "/v1/tickets?status=recorded&limit=1", "transactionId", "/v1/tickets/{}/proof", `"totals"`},
		"line":    {maker, "/v1/sales/lines?limit=1", "lineRef", "/v1/sales/lines/{}/proof", `"itemId"`},
	} {
		var page struct{ Items []map[string]any }
		if err := json.Unmarshal(get(t, env, test.token, test.list), &page); err != nil {
			t.Fatal(err)
		}
		if len(page.Items) == 0 {
			t.Logf("%s: the demo login has none", name)
			continue
		}
		path := strings.Replace(test.proof, "{}", page.Items[0][test.id].(string), 1)
		bundle := witnessed(t, env, test.token, path)
		code, stdout, stderr := tillproof(env, string(bundle), "verify", "--offline", "-")
		if code != exitGood || !strings.Contains(stdout, test.shows) || !strings.Contains(stdout, "has cosigned it") {
			t.Errorf("%s: exit code %d\n%s%s", name, code, stdout, stderr)
		}
		onEthereum(t, env, awaitBundle(t, env, test.token, path, `"ethereum":{`))
	}
	for _, who := range [][3]string{{"RetailMSP", "auditor@RetailMSP", "TILLPROOF_RETAIL_PEER"}, {"BrandsMSP", "auditor@BrandsMSP", "TILLPROOF_BRANDS_PEER"}} {
		client := filepath.Join(env["TILLPROOF_CRYPTO_DIR"], "clients", who[1])
		ca, err := filepath.Glob(filepath.Join(env["TILLPROOF_CRYPTO_DIR"], "peerOrganizations", strings.ToLower(strings.TrimSuffix(who[0], "MSP"))+"*", "tlsca", "*cert.pem"))
		if err != nil || len(ca) != 1 {
			t.Fatalf("TLS CA of %s: %v, %v", who[0], ca, err)
		}
		code, stdout, stderr := tillproof(env, "", "audit", "--msp", who[0], "--peer", env[who[2]], "--database",
			"--certificate", filepath.Join(client, "cert.pem"), "--key", filepath.Join(client, "key.pem"), "--tls-ca", ca[0])
		if code != exitGood || !strings.Contains(stdout, "The log is the ledger's") || !strings.Contains(stdout, "Every ticket in the database") {
			t.Errorf("audit by %s: exit code %d\n%s%s", who[0], code, stdout, stderr)
		}
	}
}

// onEthereum verifies an anchored bundle against the system's node and, offline, against its block alone; and not where
// anything else is trusted.
func onEthereum(t *testing.T, env map[string]string, bundle []byte) {
	t.Helper()
	var read struct {
		Ethereum struct{ Block struct{ Hash string } }
	}
	if err := json.Unmarshal(bundle, &read); err != nil {
		t.Fatal(err)
	}
	online := []string{"verify", "-", "--ethereum", env["TILLPROOF_ETHEREUM_URL"]}
	for _, test := range []struct {
		arguments []string
		code      int
		want      string
	}{
		{online, exitGood, "blocks follow on it"},
		{[]string{"verify", "-", "--offline", "--block", read.Ethereum.Block.Hash}, exitGood, "You know it to be on the chain"},
		{append(online, "--json"), exitGood, `"transaction": "0x`},
		{append(online, "--chain-id", "1"), exitFailed, "the node is on another chain"},
		{append(online, "--contract", env["TILLPROOF_RETAIL_SIGNER"]), exitFailed, "no contract"},
		{append(online, "--retail", env["TILLPROOF_BRANDS_SIGNER"]), exitFailed, "not our contract"},
		{append(online, "--final-blocks", "1000000000"), exitFailed, "may yet be reorganised away"},
	} {
		code, stdout, stderr := tillproof(env, string(bundle), test.arguments...)
		if code != test.code || !strings.Contains(stdout+stderr, test.want) {
			t.Errorf("%q: exit code %d\n%s%s", test.arguments, code, stdout, stderr)
		}
	}
}

// witnessed asks for a bundle until the witness has signed as far.
func witnessed(t *testing.T, env map[string]string, token, path string) []byte {
	t.Helper()
	return awaitBundle(t, env, token, path, "— tillproof/witness ")
}

// awaitBundle asks for a bundle until it holds what it should. The system anchors once a minute, and waits for some blocks.
func awaitBundle(t *testing.T, env map[string]string, token, path, text string) []byte {
	t.Helper()
	const tries = 300
	for range tries {
		if bundle := get(t, env, token, path); bytes.Contains(bundle, []byte(text)) {
			return bundle
		}
		time.Sleep(500 * time.Millisecond)
	}
	t.Fatalf("the bundle has no %q after %d tries", text, tries)
	return nil
}

func readEnv(t *testing.T, name string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	env := make(map[string]string)
	for line := range strings.Lines(string(text)) {
		if key, value, found := strings.Cut(strings.TrimSuffix(line, "\n"), "="); found {
			env[key] = value
		}
	}
	return env
}

func signIn(t *testing.T, env map[string]string, username, password string) string {
	t.Helper()
	body, err := json.Marshal(map[string]string{"username": username, "password": env[password]})
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, env["TILLPROOF_QUERY_URL"]+"/v1/sessions", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	var session struct{ AccessToken string }
	if err := json.Unmarshal(do(t, request), &session); err != nil {
		t.Fatal(err)
	}
	return session.AccessToken
}

func get(t *testing.T, env map[string]string, token, path string) []byte {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, env["TILLPROOF_QUERY_URL"]+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	return do(t, request)
}

func do(t *testing.T, request *http.Request) []byte {
	t.Helper()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %s %v", request.URL, response.Status, body, err)
	}
	return body
}
