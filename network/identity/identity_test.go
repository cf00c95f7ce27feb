package identity_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tillproof/tillproof/network/identity"
)

func TestLoadSignsWithTheCertificatesKey(t *testing.T) {
	cert, key := writePair(t)

	id, err := identity.Load("RetailMSP", cert, key)
	if err != nil {
		t.Fatal(err)
	}

	if got := id.X509().MspID(); got != "RetailMSP" {
		t.Errorf("MSP id = %q, want RetailMSP", got)
	}
	digest := sha256.Sum256([]byte("a ticket"))
	signature, err := id.Sign()(digest[:])
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(id.X509().Credentials())
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if err := certificate.CheckSignature(x509.ECDSAWithSHA256, []byte("a ticket"), signature); err != nil {
		t.Errorf("signature does not verify with the identity's own certificate: %v", err)
	}
}

func TestLoadNamesWhatIsWrong(t *testing.T) {
	cert, key := writePair(t)
	_, otherKey := writePair(t)
	garbage := filepath.Join(t.TempDir(), "garbage.pem")
	write(t, garbage, []byte("not PEM"))

	tests := map[string]struct{ mspID, cert, key, want string }{
		"another's key":       {"RetailMSP", cert, otherKey, "does not belong to certificate"},
		"missing certificate": {"RetailMSP", cert + ".gone", key, "read certificate"},
		"missing key":         {"RetailMSP", cert, key + ".gone", "read private key"},
		"garbage certificate": {"RetailMSP", garbage, key, "parse certificate"},
		"garbage key":         {"RetailMSP", cert, garbage, "parse private key"},
		"no MSP id":           {"", cert, key, "no MSP id"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := identity.Load(test.mspID, test.cert, test.key)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error = %v, want one that says %q", err, test.want)
			}
		})
	}
}

func TestDialNeedsTheCACertificate(t *testing.T) {
	if _, err := identity.Dial("127.0.0.1:1", filepath.Join(t.TempDir(), "ca.crt")); err == nil {
		t.Error("dialled without a CA certificate: the peer would not be verified")
	}
}

func writePair(t *testing.T) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "client"},
		NotAfter:     time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	write(t, certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	write(t, keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}))
	return certFile, keyFile
}

func write(t *testing.T, file string, content []byte) {
	t.Helper()
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
