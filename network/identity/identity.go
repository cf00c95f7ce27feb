// Package identity loads an organisation's client identity and opens the TLS
// connection on which it is used. It is all that a program needs in order to
// speak to a peer, and it depends on nothing but the gateway client and gRPC.
//
// Certificates are PEM-encoded X.509, private keys PEM-encoded PKCS #8 or
// SEC 1 ECDSA keys, as Fabric's own programs write them.
package identity

import (
	"crypto/x509"
	"fmt"
	"os"

	"github.com/hyperledger/fabric-gateway/pkg/hash"
	"github.com/hyperledger/fabric-gateway/pkg/identity"
)

// Identity is one organisation's client: who it is, and how it signs.
type Identity struct {
	x509 *identity.X509Identity
	sign identity.Sign
}

// Load reads a certificate and its private key, and checks that they belong
// together: a mismatch would otherwise show only as "access denied" by a peer.
func Load(mspID, certFile, keyFile string) (*Identity, error) {
	if mspID == "" {
		return nil, fmt.Errorf("load identity %s: no MSP id given", certFile)
	}
	certificate, err := readCertificate(certFile)
	if err != nil {
		return nil, err
	}
	sign, err := readSigner(keyFile)
	if err != nil {
		return nil, err
	}
	if err := checkPair(certificate, sign); err != nil {
		return nil, fmt.Errorf("private key %s does not belong to certificate %s: %w", keyFile, certFile, err)
	}
	id, err := identity.NewX509Identity(mspID, certificate)
	if err != nil {
		return nil, fmt.Errorf("make identity of %s: %w", certFile, err)
	}
	return &Identity{x509: id, sign: sign}, nil
}

// X509 is the public half: MSP id and certificate.
func (i *Identity) X509() *identity.X509Identity { return i.x509 }

// Sign is the private half. It signs a SHA-256 digest.
func (i *Identity) Sign() identity.Sign { return i.sign }

func readCertificate(file string) (*x509.Certificate, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read certificate: %w", err)
	}
	certificate, err := identity.CertificateFromPEM(pem)
	if err != nil {
		return nil, fmt.Errorf("parse certificate %s: %w", file, err)
	}
	return certificate, nil
}

func readSigner(file string) (identity.Sign, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read private key: %w", err)
	}
	key, err := identity.PrivateKeyFromPEM(pem)
	if err != nil {
		return nil, fmt.Errorf("parse private key %s: %w", file, err)
	}
	sign, err := identity.NewPrivateKeySign(key)
	if err != nil {
		return nil, fmt.Errorf("use private key %s: %w", file, err)
	}
	return sign, nil
}

// checkPair signs a probe and verifies it with the certificate.
func checkPair(certificate *x509.Certificate, sign identity.Sign) error {
	probe := []byte("tillproof identity check")
	signature, err := sign(hash.SHA256(probe))
	if err != nil {
		return err
	}
	return certificate.CheckSignature(x509.ECDSAWithSHA256, probe, signature)
}
