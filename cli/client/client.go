// Package client holds what every command needs to speak to a Tillproof
// server: its addresses, its problem documents (RFC 9457) and the credential a
// request carries.
package client

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// NewHTTP returns an HTTP client that never follows a redirect: a credential
// and tickets go to the address that was asked for, and nowhere else.
func NewHTTP() *http.Client {
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// InClear reports whether a request to the address crosses a network without
// encryption, for anybody on the way to read the credential.
func InClear(base string) bool {
	address, err := url.Parse(base)
	if err != nil || address.Scheme != "http" {
		return false
	}
	host := strings.TrimSuffix(address.Hostname(), ".")
	ip := net.ParseIP(host)
	return host != "localhost" && !strings.HasSuffix(host, ".localhost") && (ip == nil || !ip.IsLoopback())
}

// Endpoint joins a server's base address, which may have a path of its own,
// and the path of a call.
func Endpoint(base, path string) (string, error) {
	address, err := url.Parse(base)
	switch {
	case err != nil || address.Host == "" || (address.Scheme != "http" && address.Scheme != "https"):
		return "", fmt.Errorf("address %q is not of the form http://host:port", base)
	case address.User != nil:
		return "", fmt.Errorf("address %q holds a credential; put it into the environment instead", address.Redacted())
	case address.RawQuery != "" || address.Fragment != "":
		return "", fmt.Errorf("address %q must end before any ? or #", base)
	}
	return strings.TrimSuffix(address.String(), "/") + path, nil
}
