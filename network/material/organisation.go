// Package material makes the network's crypto material: each organisation's
// certificate authorities, its node's and administrator's certificates (by
// Fabric's cryptogen), and, signed by those same authorities, what cryptogen
// cannot make: client certificates with attributes, and the certificates of
// the TLS connection between a peer and its chaincode.
//
// Nothing that exists is ever made again: a new authority would shut everybody
// out of a running channel.
package material

// An Organisation runs one node. Its name is its folder's and its daemons'.
type Organisation struct {
	Name   string // retail
	MSPID  string // RetailMSP
	Domain string // names the certificates; never resolved
	node   string // the node's host name within the domain
	kind   string // cryptogen's folder
}

// The channel's three organisations. The orderer's own takes no part in what
// is recorded: it orders, and sees sealed bodies only as hashes.
var (
	Retail  = Organisation{Name: "retail", MSPID: "RetailMSP", Domain: "retail.tillproof.localhost", node: "peer", kind: "peer"}
	Brands  = Organisation{Name: "brands", MSPID: "BrandsMSP", Domain: "brands.tillproof.localhost", node: "peer", kind: "peer"}
	Orderer = Organisation{Name: "orderer", MSPID: "OrdererMSP", Domain: "orderer.tillproof.localhost", node: "orderer", kind: "orderer"}
)

// A Client is an identity that a program acts under. Its role is an attribute
// of its certificate, which the chaincode checks.
type Client struct {
	Name         string // collector@RetailMSP
	Organisation Organisation
	Role         string
}

// The programs' identities.
var (
	Collector     = Client{Name: "collector@RetailMSP", Organisation: Retail, Role: "collector"}
	RetailAuditor = Client{Name: "auditor@RetailMSP", Organisation: Retail, Role: "auditor"}
	Witness       = Client{Name: "witness@BrandsMSP", Organisation: Brands, Role: "witness"}
	BrandsAuditor = Client{Name: "auditor@BrandsMSP", Organisation: Brands, Role: "auditor"}
)

var clients = []Client{Collector, RetailAuditor, Witness, BrandsAuditor}
