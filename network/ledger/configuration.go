package ledger

import (
	"bytes"
	"embed"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"text/template"

	"github.com/tillproof/tillproof/network/material"
)

//go:embed templates/*.yaml
var templateFiles embed.FS

var templates = template.Must(template.ParseFS(templateFiles, "templates/*.yaml"))

func (n *Network) writeConfiguration() error {
	if err := n.writeOrderer(); err != nil {
		return err
	}
	for _, peer := range n.Peers {
		if err := n.writePeer(peer); err != nil {
			return err
		}
	}
	return n.writeChannel()
}

func (n *Network) writePeer(p Peer) error {
	dir := n.peerDir(p)
	return render(filepath.Join(dir, "core.yaml"), map[string]any{
		"Name": p.Name, "MSPID": p.MSPID,
		"Address": p.Address, "Operations": p.Operations,
		"MSP": n.Material.NodeMSP(p.Organisation), "TLS": n.Material.NodeTLS(p.Organisation), "TLSCA": n.Material.TLSCA(p.Organisation),
		"Data": filepath.Join(dir, "data"), "Snapshots": filepath.Join(dir, "snapshots"),
		"Builder": n.Builder,
	})
}

func (n *Network) writeOrderer() error {
	host, port, err := net.SplitHostPort(n.Orderer.Service)
	if err != nil {
		return err
	}
	dir, o := n.ordererDir(), material.Orderer
	return render(filepath.Join(dir, "orderer.yaml"), map[string]any{
		"MSPID": o.MSPID, "Host": host, "Port": port,
		"Admin": n.Orderer.Admin, "Operations": n.Orderer.Operations,
		"MSP": n.Material.NodeMSP(o), "TLS": n.Material.NodeTLS(o), "TLSCA": n.Material.TLSCA(o),
		"Data": filepath.Join(dir, "data"),
		"WAL":  filepath.Join(dir, "raft", "wal"), "Snapshots": filepath.Join(dir, "raft", "snapshots"),
	})
}

// member is an organisation as configtx.yaml lists it.
type member struct {
	MSPID, MSP, Host, Port string
	Orders                 bool
}

func (n *Network) writeChannel() error {
	orderer, err := n.member(material.Orderer, n.Orderer.Service)
	if err != nil {
		return err
	}
	orderer.Orders = true
	members := []member{orderer}
	for _, peer := range n.Peers {
		m, err := n.member(peer.Organisation, peer.Address)
		if err != nil {
			return err
		}
		members = append(members, m)
	}
	return render(filepath.Join(n.Directory, "configtx.yaml"), map[string]any{
		"Organisations": members,
		"Orderer": map[string]string{
			"MSPID": orderer.MSPID, "Host": orderer.Host, "Port": orderer.Port,
			"Certificate": n.Material.NodeTLS(material.Orderer).Certificate,
		},
	})
}

func (n *Network) member(o material.Organisation, address string) (member, error) {
	host, port, err := net.SplitHostPort(address)
	return member{MSPID: o.MSPID, MSP: n.Material.MSP(o), Host: host, Port: port}, err
}

// render writes the file from the template of the same name.
func render(file string, values any) error {
	var content bytes.Buffer
	if err := templates.ExecuteTemplate(&content, filepath.Base(file), values); err != nil {
		return fmt.Errorf("fill in %s: %w", filepath.Base(file), err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	return os.WriteFile(file, content.Bytes(), 0o600)
}
