package material

import "path/filepath"

// Directory is where the material lies. Its methods name the files.
type Directory string

func (d Directory) organisation(o Organisation) string {
	return filepath.Join(string(d), o.kind+"Organizations", o.Domain)
}

func (d Directory) node(o Organisation) string {
	return filepath.Join(d.organisation(o), o.kind+"s", o.node+"."+o.Domain)
}

func (d Directory) admin(o Organisation) string {
	return filepath.Join(d.organisation(o), "users", "Admin@"+o.Domain)
}

// MSP is the organisation's public definition, as the channel holds it.
func (d Directory) MSP(o Organisation) string { return filepath.Join(d.organisation(o), "msp") }

// NodeMSP is the identity of the organisation's peer or orderer.
func (d Directory) NodeMSP(o Organisation) string { return filepath.Join(d.node(o), "msp") }

// NodeTLS is the TLS certificate and key of the organisation's node.
func (d Directory) NodeTLS(o Organisation) KeyPair {
	dir := filepath.Join(d.node(o), "tls")
	return KeyPair{Certificate: filepath.Join(dir, "server.crt"), Key: filepath.Join(dir, "server.key")}
}

// AdminMSP is the administrator's identity.
func (d Directory) AdminMSP(o Organisation) string { return filepath.Join(d.admin(o), "msp") }

// AdminTLS is the administrator's TLS client certificate.
func (d Directory) AdminTLS(o Organisation) KeyPair {
	dir := filepath.Join(d.admin(o), "tls")
	return KeyPair{Certificate: filepath.Join(dir, "client.crt"), Key: filepath.Join(dir, "client.key")}
}

// TLSCA is the certificate by which the organisation's servers are verified.
func (d Directory) TLSCA(o Organisation) string { return d.tlsAuthority(o).Certificate }

// Client is a program's identity.
func (d Directory) Client(c Client) KeyPair { return pairIn(d.client(c)) }

// ChaincodeServer is the chaincode process's side of its connection with the
// organisation's peer, ChaincodeClient the peer's side.
func (d Directory) ChaincodeServer(o Organisation) KeyPair {
	return pairIn(filepath.Join(d.chaincode(o), "server"))
}

// ChaincodeClient is what the peer shows to the chaincode process.
func (d Directory) ChaincodeClient(o Organisation) KeyPair {
	return pairIn(filepath.Join(d.chaincode(o), "client"))
}

func (d Directory) client(c Client) string { return filepath.Join(string(d), "clients", c.Name) }

func (d Directory) chaincode(o Organisation) string {
	return filepath.Join(string(d), "chaincode", o.MSPID)
}

func (d Directory) authority(o Organisation) KeyPair {
	dir := filepath.Join(d.organisation(o), "ca")
	return KeyPair{Certificate: filepath.Join(dir, "ca."+o.Domain+"-cert.pem"), Key: filepath.Join(dir, "priv_sk")}
}

func (d Directory) tlsAuthority(o Organisation) KeyPair {
	dir := filepath.Join(d.organisation(o), "tlsca")
	return KeyPair{Certificate: filepath.Join(dir, "tlsca."+o.Domain+"-cert.pem"), Key: filepath.Join(dir, "priv_sk")}
}

// KeyPair names the files of a certificate and its private key.
type KeyPair struct{ Certificate, Key string }

func pairIn(dir string) KeyPair {
	return KeyPair{Certificate: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}
}
