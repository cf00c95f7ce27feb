package ledger

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tillproof/tillproof/network/durable"
)

// A chaincodePackage tells one organisation's peer where its chaincode process
// listens and how to prove itself to it. Its id is a hash over it, hence each
// organisation's own; the program is not in it, so that a new program with an
// unchanged definition only restarts the process.
type chaincodePackage struct{ id, file string }

// packageLabel is the readable part of a package's id.
const packageLabel = Chaincode

// packages makes those that do not exist yet. What exists is never made again:
// its bytes are the id that both organisations approved.
func (n *Network) packages() ([]chaincodePackage, error) {
	var packages []chaincodePackage
	for _, peer := range n.Peers {
		file := filepath.Join(n.Directory, peer.Name+"-chaincode.tar.gz")
		content, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			content, err = n.makePackage(peer, file)
		}
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(content)
		packages = append(packages, chaincodePackage{id: packageLabel + ":" + hex.EncodeToString(sum[:]), file: file})
	}
	return packages, nil
}

func (n *Network) makePackage(p Peer, file string) ([]byte, error) {
	connection, err := n.connection(p)
	if err != nil {
		return nil, err
	}
	code, err := tarball(archived{"connection.json", connection})
	if err != nil {
		return nil, err
	}
	metadata, err := json.Marshal(map[string]string{"type": "service", "label": packageLabel})
	if err != nil {
		return nil, err
	}
	content, err := tarball(archived{"metadata.json", metadata}, archived{"code.tar.gz", code})
	if err != nil {
		return nil, err
	}
	return content, durable.WriteFile(file, content)
}

// connection is connection.json as Fabric's peer reads it.
func (n *Network) connection(p Peer) ([]byte, error) {
	client := n.Material.ChaincodeClient(p.Organisation)
	var pem [3]string
	for i, file := range []string{client.Certificate, client.Key, n.Material.TLSCA(p.Organisation)} {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		pem[i] = string(content)
	}
	return json.Marshal(map[string]any{
		"address":              p.ChaincodeAddress,
		"dial_timeout":         "10s",
		"tls_required":         true,
		"client_auth_required": true,
		"client_cert":          pem[0],
		"client_key":           pem[1],
		"root_cert":            pem[2],
	})
}

type archived struct {
	name    string
	content []byte
}

func tarball(files ...archived) ([]byte, error) {
	var buffer bytes.Buffer
	compressed := gzip.NewWriter(&buffer)
	archive := tar.NewWriter(compressed)
	for _, file := range files {
		header := &tar.Header{Name: file.name, Mode: 0o600, Size: int64(len(file.content))}
		if err := archive.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := archive.Write(file.content); err != nil {
			return nil, err
		}
	}
	if err := archive.Close(); err != nil {
		return nil, err
	}
	if err := compressed.Close(); err != nil {
		return nil, err
	}
	return buffer.Bytes(), nil
}
