package material

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// newDirectory holds what cryptogen would have made, as far as issuing goes.
func newDirectory(t *testing.T) Directory {
	t.Helper()
	dir := Directory(filepath.Join(t.TempDir(), "crypto"))
	for _, o := range []Organisation{Retail, Brands, Orderer} {
		writeAuthority(t, dir.authority(o), "ca."+o.Domain)
		writeAuthority(t, dir.tlsAuthority(o), "tlsca."+o.Domain)
	}
	return dir
}

func writeAuthority(t *testing.T, files KeyPair, name string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(files.Certificate), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(writePEM(files.Certificate, "CERTIFICATE", der), writePEM(files.Key, "PRIVATE KEY", keyDER)); err != nil {
		t.Fatal(err)
	}
}

func TestClientsCarryTheirRole(t *testing.T) {
	dir := newDirectory(t)
	if err := ensureIssued(dir); err != nil {
		t.Fatal(err)
	}
	for _, client := range clients {
		certificate := readCertificate(t, dir.Client(client).Certificate)
		if !slices.Equal(certificate.Subject.OrganizationalUnit, []string{"client"}) {
			t.Errorf("%s: units %v, want client: Fabric would not take it for one", client.Name, certificate.Subject.OrganizationalUnit)
		}
		if got := role(t, certificate); got != client.Role {
			t.Errorf("%s: role %q, want %q", client.Name, got, client.Role)
		}
		if err := certificate.CheckSignatureFrom(readCertificate(t, dir.authority(client.Organisation).Certificate)); err != nil {
			t.Errorf("%s is not signed by its own organisation: %v", client.Name, err)
		}
	}
}

func TestPeerAndChaincodeKnowEachOther(t *testing.T) {
	dir := newDirectory(t)
	if err := ensureIssued(dir); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		peer Organisation
		ok   bool
	}{
		"its own peer":   {Retail, true},
		"another's peer": {Brands, false},
	} {
		t.Run(name, func(t *testing.T) {
			err := handshake(t, dir, test.peer, Retail)
			if (err == nil) != test.ok {
				t.Errorf("the retail chaincode's handshake with %s: %v", name, err)
			}
		})
	}
}

func TestWhatExistsIsNeverMadeAgain(t *testing.T) {
	dir := newDirectory(t)
	if err := ensureIssued(dir); err != nil {
		t.Fatal(err)
	}
	before := contents(t, dir)
	// One is lost, and one was being made when the power went.
	if err := os.RemoveAll(dir.client(Witness)); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir.client(Witness)+".new", 0o700); err != nil {
		t.Fatal(err)
	}

	if err := Ensure(context.Background(), dir, "/nonexistent/cryptogen"); err != nil {
		t.Fatal(err)
	}

	after := contents(t, dir)
	lost := dir.Client(Witness)
	for file, content := range before {
		changed := after[file] != content
		if wanted := file == lost.Certificate || file == lost.Key; changed != wanted {
			t.Errorf("%s: changed = %v, want %v", file, changed, wanted)
		}
	}
}

func TestKeysAreNobodyElses(t *testing.T) {
	dir := newDirectory(t)
	if err := ensureIssued(dir); err != nil {
		t.Fatal(err)
	}
	for _, client := range clients {
		for _, file := range []string{dir.client(client), dir.Client(client).Key} {
			info, err := os.Stat(file)
			if err != nil {
				t.Fatal(err)
			}
			if info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s has mode %o", file, info.Mode().Perm())
			}
		}
	}
}

// handshake connects a peer to a chaincode process over TLS, each showing and
// checking what it would in the network.
func handshake(t *testing.T, dir Directory, peer, chaincode Organisation) error {
	t.Helper()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: []tls.Certificate{load(t, dir.ChaincodeServer(chaincode))},
		ClientAuth:   tls.RequireAndVerifyClientCert,
		ClientCAs:    pool(t, dir.TLSCA(chaincode)),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	served := make(chan error, 1)
	go func() { served <- greet(listener) }()
	conn, err := tls.Dial("tcp", listener.Addr().String(), &tls.Config{
		Certificates: []tls.Certificate{load(t, dir.ChaincodeClient(peer))},
		RootCAs:      pool(t, dir.TLSCA(chaincode)),
	})
	if err != nil {
		return errors.Join(err, <-served)
	}
	defer conn.Close()
	_, err = io.ReadAll(conn)
	return errors.Join(err, <-served)
}

func greet(listener net.Listener) error {
	conn, err := listener.Accept()
	if err != nil {
		return err
	}
	_, err = conn.Write([]byte("ready"))
	return errors.Join(err, conn.Close())
}

func load(t *testing.T, files KeyPair) tls.Certificate {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(files.Certificate, files.Key)
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

func pool(t *testing.T, file string) *x509.CertPool {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(content)
	return pool
}

func readCertificate(t *testing.T, file string) *x509.Certificate {
	t.Helper()
	der, err := readPEM(file)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

func role(t *testing.T, certificate *x509.Certificate) string {
	t.Helper()
	for _, extension := range certificate.Extensions {
		if !extension.Id.Equal(attributesOID) {
			continue
		}
		var attributes struct{ Attrs map[string]string }
		if err := json.Unmarshal(extension.Value, &attributes); err != nil {
			t.Fatal(err)
		}
		return attributes.Attrs["tillproof.role"]
	}
	return ""
}

func contents(t *testing.T, dir Directory) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(string(dir), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		found[path] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
