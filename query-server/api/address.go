package api

import (
	"net/http"
	"net/netip"
	"strings"
)

// address is whom a request comes from: the peer itself, unless that is one of our own proxies. Then it is the last in
// X-Forwarded-For that is none: what stands before it the client could have written.
func (s *server) address(r *http.Request) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	address := peer.Addr().Unmap()
	forwarded := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(forwarded) - 1; i >= 0 && s.trusts(address); i-- {
		next, err := netip.ParseAddr(strings.TrimSpace(forwarded[i]))
		if err != nil {
			break
		}
		address = next.Unmap()
	}
	if address.Is6() { // a household has a network, and any address in it
		if network, err := address.Prefix(64); err == nil {
			return network.String()
		}
	}
	return address.String()
}

func (s *server) trusts(address netip.Addr) bool {
	for _, proxy := range s.TrustedProxies {
		if proxy.Contains(address) {
			return true
		}
	}
	return false
}
