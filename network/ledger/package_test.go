package ledger

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/tillproof/tillproof/network/material"
)

func newNetwork(t *testing.T) *Network {
	t.Helper()
	dir := t.TempDir()
	n := &Network{
		Directory: dir,
		Material:  material.Directory(filepath.Join(dir, "crypto")),
		Orderer:   Addresses{Service: "127.0.0.1:1", Admin: "127.0.0.1:2", Operations: "127.0.0.1:3"},
		Peers: []Peer{
			{Organisation: material.Retail, Address: "127.0.0.1:4", Operations: "127.0.0.1:5", ChaincodeAddress: "127.0.0.1:8"},
			{Organisation: material.Brands, Address: "127.0.0.1:6", Operations: "127.0.0.1:7", ChaincodeAddress: "127.0.0.1:9"},
		},
	}
	for _, peer := range n.Peers {
		client := n.Material.ChaincodeClient(peer.Organisation)
		for _, file := range []string{client.Certificate, client.Key, n.Material.TLSCA(peer.Organisation)} {
			if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(file), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return n
}

func TestEachOrganisationHasAPackageOfItsOwn(t *testing.T) {
	n := newNetwork(t)
	packages, err := n.packages()
	if err != nil {
		t.Fatal(err)
	}
	if packages[0].id == packages[1].id {
		t.Error("both organisations have the same package: they would call one chaincode process")
	}
	for i, peer := range n.Peers {
		metadata := entry(t, read(t, packages[i].file), "metadata.json")
		if string(metadata) != `{"label":"tickets","type":"service"}` {
			t.Errorf("metadata.json is %s", metadata)
		}
		var connection map[string]any
		code := entry(t, read(t, packages[i].file), "code.tar.gz")
		if err := json.Unmarshal(entry(t, code, "connection.json"), &connection); err != nil {
			t.Fatal(err)
		}
		client := n.Material.ChaincodeClient(peer.Organisation)
		for key, want := range map[string]any{
			"address": peer.ChaincodeAddress, "tls_required": true, "client_auth_required": true,
			"client_key": client.Key, "client_cert": client.Certificate, "root_cert": n.Material.TLSCA(peer.Organisation),
		} {
			if connection[key] != want {
				t.Errorf("%s's %s is %v, want %v", peer.Name, key, connection[key], want)
			}
		}
	}
}

func TestPackageIDsStay(t *testing.T) {
	n := newNetwork(t)
	before, err := n.packages()
	if err != nil {
		t.Fatal(err)
	}
	// Neither another program nor other bytes from which a package would be
	// made today may change what both organisations approved.
	n.Peers[0].ChaincodeProgram = "another"
	n.Peers[0].ChaincodeAddress = "127.0.0.1:99"
	after, err := n.packages()
	if err != nil {
		t.Fatal(err)
	}
	if before[0] != after[0] || before[1] != after[1] {
		t.Errorf("packages were %v and are %v", before, after)
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func entry(t *testing.T, archive []byte, name string) []byte {
	t.Helper()
	compressed, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	files := tar.NewReader(compressed)
	for {
		header, err := files.Next()
		if err != nil {
			t.Fatalf("no %s in the archive: %v", name, err)
		}
		if header.Name == name {
			content, err := io.ReadAll(files)
			if err != nil {
				t.Fatal(err)
			}
			return content
		}
	}
}
