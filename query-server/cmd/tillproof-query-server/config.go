package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
)

// config is all that can be set, by environment variables of these names.
type config struct {
	listenAddress string   // LISTEN_ADDRESS
	databaseURL   string   // DATABASE_URL: logs in as tillproof_query
	keysDir       string   // KEYS_DIR: token keys are in its folder jwt
	collectorURL  *url.URL // COLLECTOR_URL: where /collector/ leads
	issuer        string   // ISSUER: the claim iss of our tokens
	publicURL     *url.URL // PUBLIC_URL: how browsers reach us, when it is not LISTEN_ADDRESS over plain HTTP
}

func readConfig() (config, error) {
	c := config{
		listenAddress: environment("LISTEN_ADDRESS", "127.0.0.1:8081"),
		databaseURL:   os.Getenv("DATABASE_URL"),
		keysDir:       environment("KEYS_DIR", ".run/keys"),
		issuer:        environment("ISSUER", "tillproof"),
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
	return c, nil
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
