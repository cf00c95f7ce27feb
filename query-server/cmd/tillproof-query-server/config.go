package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/query-server/openid"
)

// config is all that can be set, by environment variables of these names.
type config struct {
	listenAddress   string         // LISTEN_ADDRESS
	databaseURL     string         // DATABASE_URL: logs in as tillproof_query
	readDatabaseURL string         // READ_DATABASE_URL: a replica to read everything but sessions from, if there is one
	trustedProxies  []netip.Prefix // TRUSTED_PROXIES: networks of our own proxies, whose X-Forwarded-For holds
	keysDir         string         // KEYS_DIR: token keys are in its folder jwt
	verifierDir     string         // VERIFIER_DIR: the verifier for browsers, as the build left it; "": there is none
	collectorURL    *url.URL       // COLLECTOR_URL: where /collector/ leads
	issuer          string         // ISSUER: the claim iss of our tokens
	publicURL       *url.URL       // PUBLIC_URL: how browsers reach us, when it is not LISTEN_ADDRESS over plain HTTP
	// An external OpenID provider, beside the built-in sessions: OPENID_ISSUER, OPENID_KEYS_URL (its JWK set; without it,
	// OPENID_ISSUER is a URL at which the provider says where its keys are, by OpenID Connect Discovery 1.0),
	// OPENID_AUDIENCE (tillproof), OPENID_CLAIMS ("role=groups,storeIds=shops": what it calls our claims, where not the same).
	openID        *openid.Config
	smallestCells hotstate.SmallestCells // SMALLEST_CELLS: "main=5,*=3": sums of fewer tickets manufacturers do not see; * is every other retailer
}

func readConfig() (config, error) {
	c := config{
		listenAddress:   environment("LISTEN_ADDRESS", "127.0.0.1:8081"),
		databaseURL:     os.Getenv("DATABASE_URL"),
		readDatabaseURL: os.Getenv("READ_DATABASE_URL"),
		keysDir:         environment("KEYS_DIR", ".run/keys"),
		verifierDir:     os.Getenv("VERIFIER_DIR"),
		issuer:          environment("ISSUER", "tillproof"),
	}
	if c.databaseURL == "" {
		return c, errors.New("DATABASE_URL is not set; it names the database, as user tillproof_query")
	}
	var err error
	if c.collectorURL, err = readURL("COLLECTOR_URL", "http://127.0.0.1:8080"); err != nil {
		return c, err
	}
	if c.publicURL, err = readURL("PUBLIC_URL", "http://"+c.listenAddress); err != nil {
		return c, err
	}
	if c.publicURL.Scheme == "http" && !loopback(c.publicURL.Hostname()) {
		return c, fmt.Errorf("PUBLIC_URL is %s: beyond this machine it must be https, or passwords travel in the clear", c.publicURL)
	}
	if c.trustedProxies, err = readNetworks("TRUSTED_PROXIES"); err != nil {
		return c, err
	}
	if c.openID, err = readOpenID(); err != nil {
		return c, err
	}
	if c.smallestCells, err = readSmallestCells(os.Getenv("SMALLEST_CELLS")); err != nil {
		return c, err
	}
	return c, nil
}

func readNetworks(name string) ([]netip.Prefix, error) {
	var networks []netip.Prefix
	for part := range strings.SplitSeq(os.Getenv(name), ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		network, err := netip.ParsePrefix(part)
		if err != nil {
			return nil, fmt.Errorf("%s has %q; it must be a list of networks like 10.0.0.0/8", name, part)
		}
		networks = append(networks, network)
	}
	return networks, nil
}

func readOpenID() (*openid.Config, error) {
	issuer := os.Getenv("OPENID_ISSUER")
	if issuer == "" {
		return nil, nil
	}
	keys := os.Getenv("OPENID_KEYS_URL")
	if keys == "" {
		if err := openid.CheckURL(issuer); err != nil || strings.Contains(issuer, "?") {
			return nil, fmt.Errorf("OPENID_ISSUER is %s: without OPENID_KEYS_URL it must be the https URL of the provider", issuer)
		}
	} else if err := openid.CheckURL(keys); err != nil {
		return nil, fmt.Errorf("OPENID_KEYS_URL is %s: %w", keys, err)
	}
	c := &openid.Config{Issuer: issuer, KeySet: keys, Audience: environment("OPENID_AUDIENCE", "tillproof"), Claims: map[string]string{}}
	for part := range strings.SplitSeq(os.Getenv("OPENID_CLAIMS"), ",") {
		if part == "" {
			continue
		}
		ours, theirs, _ := strings.Cut(part, "=")
		if !slices.Contains([]string{"role", "storeIds", "retailerId", "manufacturerId", "loyaltyId"}, ours) || theirs == "" {
			return nil, fmt.Errorf("OPENID_CLAIMS has %q; it must be a list like role=groups,storeIds=shops", part)
		}
		c.Claims[ours] = theirs
	}
	return c, nil
}

func readSmallestCells(text string) (hotstate.SmallestCells, error) {
	cells := hotstate.SmallestCells{ByRetailer: map[string]int{}}
	if text == "" {
		return cells, nil
	}
	for part := range strings.SplitSeq(text, ",") {
		retailer, digits, _ := strings.Cut(part, "=")
		number, err := strconv.Atoi(digits)
		if retailer == "" || err != nil || number < 0 {
			return cells, fmt.Errorf("SMALLEST_CELLS has %q; it must be a list like main=5,*=3", part)
		}
		if retailer == "*" {
			cells.Otherwise = number
		} else {
			cells.ByRetailer[retailer] = number
		}
	}
	return cells, nil
}

func environment(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

func readURL(name, otherwise string) (*url.URL, error) {
	u, err := url.Parse(environment(name, otherwise))
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("%s must be a URL like %s", name, otherwise)
	}
	return u, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
