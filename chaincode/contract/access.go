package contract

import (
	"crypto/x509"
	"fmt"
	"slices"

	"github.com/hyperledger/fabric-chaincode-go/v2/pkg/cid"
	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
)

// The organisations of the channel.
const (
	RetailMSP = "RetailMSP"
	BrandsMSP = "BrandsMSP"
)

// roleAttribute is the certificate attribute that an organisation's CA gives to the programs it trusts with writing.
const roleAttribute = "tillproof.role"

// A grant lets an organisation's clients call a function: with a role named, only those whose certificate carries it.
type grant struct {
	msp  string
	role string
}

var (
	everybody  = []grant{{msp: RetailMSP}, {msp: BrandsMSP}}
	collector  = []grant{{RetailMSP, "collector"}}
	eitherSide = []grant{{RetailMSP, "collector"}, {BrandsMSP, "witness"}}
)

// access is the whole of who may do what. What is not in it, nobody may call.
var access = map[string][]grant{
	"RecordTickets":  collector,
	"SettleUndoes":   collector,
	"HoldPoints":     collector,
	"CaptureHold":    collector,
	"ReleaseHold":    collector,
	"TransferPoints": collector,
	"FoldAccount":    collector,
	"FoldTotals":     collector,
	"ForgetAccount":  collector,
	"RewriteChunk":   collector,

	"ProposeProgramme": eitherSide,
	"AgreeProgramme":   eitherSide,
	"WithdrawProposal": eitherSide,

	"ReadRecord":    everybody,
	"ReadBody":      everybody,
	"ReadAccount":   everybody,
	"ReadHold":      everybody,
	"ReadProgramme": everybody,
	"ReadTotals":    everybody,
	"SumAccounts":   everybody,
	"ListEntries":   everybody,
	"CountRecords":  everybody,
}

// authorise refuses a caller whose certificate does not permit a function. The identity is read here and not taken from
// the contract API's context, which carries on without one when a certificate cannot be parsed.
func authorise(stub shim.ChaincodeStubInterface, function string) error {
	allowed, known := access[function]
	if !known {
		return fmt.Errorf("%s: nobody may call this function", function)
	}
	caller, err := cid.New(stub)
	if err != nil {
		return fmt.Errorf("%s: the caller's certificate cannot be read: %w", function, err)
	}
	msp, err := caller.GetMSPID()
	if err != nil {
		return fmt.Errorf("%s: the caller's organisation cannot be read: %w", function, err)
	}
	at := slices.IndexFunc(allowed, func(g grant) bool { return g.msp == msp })
	if at < 0 {
		return fmt.Errorf("%s: not for %s", function, msp)
	}
	certificate, err := caller.GetX509Certificate()
	if err != nil {
		return fmt.Errorf("%s: the caller's certificate cannot be read: %w", function, err)
	}
	if !isClient(certificate) {
		return fmt.Errorf("%s: only a client certificate may call it", function)
	}
	return checkRole(caller, function, allowed[at].role)
}

func checkRole(caller cid.ClientIdentity, function, role string) error {
	if role == "" {
		return nil
	}
	got, _, err := caller.GetAttributeValue(roleAttribute)
	if err != nil {
		return fmt.Errorf("%s: the certificate's attributes cannot be read: %w", function, err)
	}
	if got != role {
		return fmt.Errorf("%s: the certificate's attribute %s is %q, it must be %q", function, roleAttribute, got, role)
	}
	return nil
}

// isClient tells clients from peers, orderers and administrators by the organisational unit (Fabric's "NodeOUs").
func isClient(certificate *x509.Certificate) bool {
	return slices.Contains(certificate.Subject.OrganizationalUnit, "client")
}
