package ledger

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/tillproof/tillproof/network/material"
)

// endorsementPolicy is for every key, those of the private collection
// included: no organisation writes anything alone.
const endorsementPolicy = "AND('RetailMSP.peer','BrandsMSP.peer')"

//go:embed collections.json
var collections []byte

// collections are those of the definition that this network is to have.
func (n *Network) collections() []byte {
	if n.Collections != nil {
		return n.Collections
	}
	return collections
}

// definitionVersion names the policy and collections by their content, so that
// a change of either is a new definition that both must approve.
func (n *Network) definitionVersion() string {
	sum := sha256.Sum256(append([]byte(endorsementPolicy+"\n"), n.collections()...))
	return hex.EncodeToString(sum[:6])
}

// deployWithin bounds the whole deployment. Just after a start the peers have
// yet to find each other, which takes seconds.
const deployWithin = 2 * time.Minute

// deploy installs each organisation's package on its peer, has each approve
// the definition with it, and commits the definition.
func (n *Network) deploy(ctx context.Context, packages []chaincodePackage) error {
	return eventually(ctx, deployWithin, func() error {
		for i, peer := range n.Peers {
			if err := n.install(ctx, peer, packages[i]); err != nil {
				return fmt.Errorf("install the chaincode on the %s peer: %w", peer.Name, err)
			}
		}
		wanted, err := n.definition(ctx)
		if err != nil {
			return fmt.Errorf("read the chaincode's definition: %w", err)
		}
		return n.agree(ctx, wanted, packages)
	})
}

// agree has the definition approved by each organisation that has not done so,
// and committed if it is not yet in force.
func (n *Network) agree(ctx context.Context, wanted definition, packages []chaincodePackage) error {
	for i, peer := range n.Peers {
		if err := n.approve(ctx, peer, packages[i], wanted.sequence); err != nil {
			return fmt.Errorf("approve the chaincode for %s: %w", peer.MSPID, err)
		}
	}
	if wanted.inForce {
		return nil
	}
	n.Progress("committing the chaincode's definition")
	if err := n.commit(ctx, wanted.sequence); err != nil {
		return fmt.Errorf("commit the chaincode's definition: %w", err)
	}
	return nil
}

func (n *Network) install(ctx context.Context, p Peer, pkg chaincodePackage) error {
	output, err := n.peerCommand(ctx, p, "lifecycle", "chaincode", "queryinstalled", "-O", "json")
	if err != nil {
		return err
	}
	var installed struct {
		Chaincodes []struct {
			PackageID string `json:"package_id"`
		} `json:"installed_chaincodes"`
	}
	if err := json.Unmarshal(output, &installed); err != nil {
		return err
	}
	for _, chaincode := range installed.Chaincodes {
		if chaincode.PackageID == pkg.id {
			return nil
		}
	}
	n.Progress("installing the chaincode on the " + p.Name + " peer")
	_, err = n.peerCommand(ctx, p, "lifecycle", "chaincode", "install", pkg.file)
	return err
}

// A definition is the policy and collections above under a number of its own.
type definition struct {
	sequence int
	inForce  bool
}

// definition finds the number. A policy or collections that differ from those
// in force are a new definition; so are the same ones once an organisation has
// lost its approval, see errApprovalLost.
func (n *Network) definition(ctx context.Context) (definition, error) {
	sequence, version, err := n.committed(ctx)
	if err != nil || sequence == 0 || version != n.definitionVersion() {
		return definition{sequence: sequence + 1}, err
	}
	for _, peer := range n.Peers {
		_, err := n.approvedPackage(ctx, peer, sequence)
		if errors.Is(err, errApprovalLost) {
			return definition{sequence: sequence + 1}, nil
		}
		if err != nil {
			return definition{}, err
		}
	}
	return definition{sequence: sequence, inForce: true}, nil
}

// committed is the definition in force; its sequence is 0 if there is none.
func (n *Network) committed(ctx context.Context) (sequence int, version string, err error) {
	output, err := n.peerCommand(ctx, n.Peers[0], "lifecycle", "chaincode", "querycommitted", "-C", Channel, "-O", "json")
	if err != nil {
		return 0, "", err
	}
	var answer struct {
		Definitions []struct {
			Name     string
			Sequence int
			Version  string
		} `json:"chaincode_definitions"`
	}
	if err := json.Unmarshal(output, &answer); err != nil {
		return 0, "", err
	}
	for _, d := range answer.Definitions {
		if d.Name == Chaincode {
			return d.Sequence, d.Version, nil
		}
	}
	return 0, "", nil
}

func (n *Network) approve(ctx context.Context, p Peer, pkg chaincodePackage, sequence int) error {
	approved, err := n.approvedPackage(ctx, p, sequence)
	if err != nil || approved == pkg.id {
		return err
	}
	n.Progress("approving the chaincode for " + p.MSPID)
	args, err := n.definitionArgs("approveformyorg", sequence)
	if err != nil {
		return err
	}
	_, err = n.peerCommand(ctx, p, append(args, "--package-id", pkg.id)...)
	return err
}

// errApprovalLost says that an organisation approved, but that its peer does
// not know any more with which package, and so calls no chaincode: approvals
// are the organisation's private data, and its only peer was made anew. Fabric
// lets nobody repeat an approval whose hash is on the ledger.
var errApprovalLost = errors.New("the peer has lost the approval")

// approvedPackage returns the package with which the organisation approved
// that definition, or nothing if it has not.
func (n *Network) approvedPackage(ctx context.Context, p Peer, sequence int) (string, error) {
	output, err := n.peerCommand(ctx, p, "lifecycle", "chaincode", "queryapproved",
		"-C", Channel, "-n", Chaincode, "--sequence", strconv.Itoa(sequence), "-O", "json")
	switch {
	case err == nil:
	case strings.Contains(err.Error(), "could not fetch approved chaincode definition"):
		return "", nil
	case strings.Contains(err.Error(), "private data matching public hash version is not available"):
		return "", errApprovalLost
	default:
		return "", err
	}
	var approved struct {
		Version string
		Source  struct {
			Type struct {
				LocalPackage struct {
					PackageID string `json:"package_id"`
				}
			} `json:"Type"`
		}
	}
	if err := json.Unmarshal(output, &approved); err != nil {
		return "", err
	}
	if approved.Version != n.definitionVersion() {
		return "", nil
	}
	return approved.Source.Type.LocalPackage.PackageID, nil
}

func (n *Network) commit(ctx context.Context, sequence int) error {
	args, err := n.definitionArgs("commit", sequence)
	if err != nil {
		return err
	}
	for _, peer := range n.Peers {
		args = append(args, "--peerAddresses", peer.Address, "--tlsRootCertFiles", n.Material.TLSCA(peer.Organisation))
	}
	_, err = n.peerCommand(ctx, n.Peers[0], args...)
	return err
}

// definitionArgs are those that approving and committing must agree on.
func (n *Network) definitionArgs(command string, sequence int) ([]string, error) {
	file := filepath.Join(n.Directory, "collections.json")
	if err := os.WriteFile(file, n.collections(), 0o600); err != nil {
		return nil, err
	}
	return []string{"lifecycle", "chaincode", command,
		"-o", n.Orderer.Service, "--tls", "--cafile", n.Material.TLSCA(material.Orderer),
		"-C", Channel, "-n", Chaincode, "--version", n.definitionVersion(), "--sequence", strconv.Itoa(sequence),
		"--signature-policy", endorsementPolicy, "--collections-config", file,
	}, nil
}
