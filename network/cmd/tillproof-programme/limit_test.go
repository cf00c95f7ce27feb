package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tillproof/tillproof/domain/ledger"
)

// A peer that takes the connection and says nothing more does not hold the program up for ever.
func TestASilentPeer(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() // and nobody accepts
	certificate, key := selfSigned(t)
	c := config{mspID: "BrandsMSP", certificate: certificate, privateKey: key, tlsCA: certificate, peer: listener.Addr().String(),
		channel: "tickets", chaincode: "tickets", endorsers: []string{"RetailMSP", "BrandsMSP"}, limit: 300 * time.Millisecond}
	for _, function := range []string{"", "AgreeProgramme"} {
		ended := make(chan error, 1)
		go func() { ended <- call(t.Context(), c, function, ledger.AgreeRequest{Version: 2, Digest: "abc"}) }()
		select {
		case err := <-ended:
			if !errors.Is(err, errSilent) || !strings.Contains(err.Error(), c.peer) {
				t.Errorf("%q: %v, want one that says that the peer is silent", function, err)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("%q: still waits", function)
		}
	}
	if limit := readConfig(func(string) string { return "" }).limit; limit <= 0 {
		t.Errorf("the program's own limit is %s", limit)
	}
}

func selfSigned(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, content []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return write("cert.pem", "CERTIFICATE", der), write("key.pem", "PRIVATE KEY", secret)
}
