package material

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"time"

	"github.com/tillproof/tillproof/network/durable"
)

// attributesOID is the certificate extension in which Fabric looks for a
// client's attributes: JSON, {"attrs":{"name":"value"}}.
var attributesOID = asn1.ObjectIdentifier{1, 2, 3, 4, 5, 6, 7, 8, 1}

// roleAttribute is the attribute the chaincode reads.
const roleAttribute = "tillproof.role"

// issuer is a certificate authority whose key we hold.
type issuer struct {
	certificate *x509.Certificate
	key         crypto.Signer
}

func loadIssuer(files KeyPair) (*issuer, error) {
	certificateDER, err := readPEM(files.Certificate)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(certificateDER)
	if err != nil {
		return nil, fmt.Errorf("parse %s: %w", files.Certificate, err)
	}
	keyDER, err := readPEM(files.Key)
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKCS8PrivateKey(keyDER)
	if err != nil {
		return nil, fmt.Errorf("parse %s: %w", files.Key, err)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("%s holds a %T, which cannot sign", files.Key, key)
	}
	return &issuer{certificate: certificate, key: signer}, nil
}

// clientCertificate names a client of the organisation: the unit "client" is
// what makes it one to Fabric, the attribute is what the chaincode checks.
func clientCertificate(c Client) (*x509.Certificate, error) {
	attributes, err := json.Marshal(map[string]any{"attrs": map[string]string{roleAttribute: c.Role}})
	if err != nil {
		return nil, err
	}
	return &x509.Certificate{
		Subject:         pkix.Name{CommonName: c.Name, OrganizationalUnit: []string{"client"}},
		KeyUsage:        x509.KeyUsageDigitalSignature,
		ExtraExtensions: []pkix.Extension{{Id: attributesOID, Value: attributes}},
	}, nil
}

// tlsCertificate is for one end of a connection on this machine.
func tlsCertificate(commonName string, usage x509.ExtKeyUsage) *x509.Certificate {
	return &x509.Certificate{
		Subject:     pkix.Name{CommonName: commonName},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{usage},
		DNSNames:    []string{"localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
}

// issue makes a key and a certificate for it and writes both to dir, which
// appears complete or not at all.
func (i *issuer) issue(dir string, template *x509.Certificate) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return err
	}
	template.SerialNumber = serial
	// As old as its issuer: never valid before it, nor after it.
	template.NotBefore, template.NotAfter = i.certificate.NotBefore, i.certificate.NotAfter
	if now := time.Now(); now.After(template.NotAfter) {
		return fmt.Errorf("the authority %q ended on %s", i.certificate.Subject.CommonName, template.NotAfter)
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, i.certificate, key.Public(), i.key)
	if err != nil {
		return err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	return writePair(dir, certificate, keyDER)
}

func writePair(dir string, certificate, key []byte) error {
	unfinished, err := durable.Folder(dir)
	if err != nil {
		return err
	}
	pair := pairIn(unfinished)
	if err := writePEM(pair.Certificate, "CERTIFICATE", certificate); err != nil {
		return err
	}
	if err := writePEM(pair.Key, "PRIVATE KEY", key); err != nil {
		return err
	}
	return durable.Move(unfinished, dir)
}

func writePEM(file, kind string, der []byte) error {
	return os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}

func readPEM(file string) ([]byte, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(content)
	if block == nil {
		return nil, fmt.Errorf("%s holds no PEM block", file)
	}
	return block.Bytes, nil
}
