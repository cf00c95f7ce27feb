package contract

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"go/ast"
	"go/parser"
	"go/token"
	"math/big"
	"path/filepath"
	"testing"
	"time"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"google.golang.org/protobuf/proto"
)

// callerStub is a stub that knows only who calls.
type callerStub struct {
	shim.ChaincodeStubInterface
	creator []byte
}

func (s callerStub) GetCreator() ([]byte, error) { return s.creator, nil }

// caller makes a client's identity as the organisation's CA would.
func caller(t *testing.T, mspID, unit, attributes string) callerStub {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "somebody", OrganizationalUnit: []string{unit}},
		NotAfter:     time.Now().Add(time.Hour),
	}
	if attributes != "" {
		template.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 3, 4, 5, 6, 7, 8, 1}, Value: []byte(attributes)}}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	creator, err := proto.Marshal(&msp.SerializedIdentity{
		Mspid: mspID, IdBytes: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})})
	if err != nil {
		t.Fatal(err)
	}
	return callerStub{creator: creator}
}

func TestAccess(t *testing.T) {
	const collector = `{"attrs":{"tillproof.role":"collector"}}`
	for name, test := range map[string]struct {
		stub     callerStub
		function string
		allowed  bool
	}{
		"the collector records":              {caller(t, RetailMSP, "client", collector), "RecordTickets", true},
		"another role does not":              {caller(t, RetailMSP, "client", `{"attrs":{"tillproof.role":"auditor"}}`), "RecordTickets", false},
		"no role does not":                   {caller(t, RetailMSP, "client", ""), "RecordTickets", false},
		"a peer does not":                    {caller(t, RetailMSP, "peer", collector), "RecordTickets", false},
		"an administrator does not":          {caller(t, RetailMSP, "admin", collector), "RecordTickets", false},
		"BrandsMSP's collector does not":     {caller(t, BrandsMSP, "client", collector), "RecordTickets", false},
		"a third organisation does not":      {caller(t, "OtherMSP", "client", collector), "ReadRecord", false},
		"broken attributes do not":           {caller(t, RetailMSP, "client", `{"attrs":`), "RecordTickets", false},
		"the witness agrees":                 {caller(t, BrandsMSP, "client", `{"attrs":{"tillproof.role":"witness"}}`), "AgreeProgramme", true},
		"BrandsMSP's auditor does not agree": {caller(t, BrandsMSP, "client", `{"attrs":{"tillproof.role":"auditor"}}`), "AgreeProgramme", false},
		"RetailMSP's witness does not agree": {caller(t, RetailMSP, "client", `{"attrs":{"tillproof.role":"witness"}}`), "AgreeProgramme", false},
		"the witness spends no points":       {caller(t, BrandsMSP, "client", `{"attrs":{"tillproof.role":"witness"}}`), "HoldPoints", false},
		"BrandsMSP reads":                    {caller(t, BrandsMSP, "client", ""), "ReadRecord", true},
		"what is in no table is closed":      {caller(t, RetailMSP, "client", collector), "Unheard", false},
		"no certificate at all":              {callerStub{creator: []byte("garbage")}, "ReadRecord", false},
	} {
		if err := authorise(test.stub, test.function); (err == nil) != test.allowed {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// Every function that clients can call must ask for permission first, under its own name.
func TestEveryFunctionAsksForPermission(t *testing.T) {
	asked := make(map[string]bool)
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range file.Decls {
			function, ok := declaration.(*ast.FuncDecl)
			if ok && function.Recv != nil && function.Name.IsExported() && takesContext(function) {
				asked[function.Name.Name] = authorisesItself(function)
			}
		}
	}
	for name := range access {
		if !asked[name] {
			t.Errorf("%s does not call authorise with its own name", name)
		}
	}
	for name := range asked {
		if _, listed := access[name]; !listed {
			t.Errorf("%s is in no row of the access table", name)
		}
	}
}

func takesContext(function *ast.FuncDecl) bool {
	if len(function.Type.Params.List) == 0 {
		return false
	}
	selector, ok := function.Type.Params.List[0].Type.(*ast.SelectorExpr)
	return ok && selector.Sel.Name == "TransactionContextInterface"
}

func authorisesItself(function *ast.FuncDecl) (found bool) {
	ast.Inspect(function.Body, func(node ast.Node) bool {
		call, ok := node.(*ast.CallExpr)
		if !ok || len(call.Args) != 2 {
			return true
		}
		name, isName := call.Fun.(*ast.Ident)
		argument, isLiteral := call.Args[1].(*ast.BasicLit)
		found = found || isName && isLiteral && name.Name == "authorise" && argument.Value == `"`+function.Name.Name+`"`
		return true
	})
	return found
}
