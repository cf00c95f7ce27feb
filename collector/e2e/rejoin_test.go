package e2e_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hyperledger/fabric-protos-go-apiv2/peer/lifecycle"
	"google.golang.org/protobuf/proto"

	"github.com/tillproof/tillproof/network/material"
	"github.com/tillproof/tillproof/network/stack"
)

// rejoin takes from a peer all that it has. It gets everything back from the others, and goes on endorsing.
func (s *trial) rejoin(t *testing.T, o material.Organisation) {
	keys := s.sell(t, 3)
	before := s.holdings(t, o, keys)
	if err := stack.Kill(t.Context(), s.Configuration, o.Name+"-peer"); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(s.Run, "fabric", o.Name, "data")
	if _, err := os.Stat(filepath.Join(data, "ledgersData")); err != nil {
		t.Fatalf("the peer's data are elsewhere: %v", err)
	}
	if err := os.RemoveAll(data); err != nil {
		t.Fatal(err)
	}
	s.repair(t)
	if after := s.holdings(t, o, keys); after != before {
		t.Errorf("the peer held\n%s\nand holds\n%s", before, after)
	}
	s.sell(t, 1) // takes the endorsement of both
}

// upgrade gives both organisations another program and another definition, with one more collection, while tickets come.
func (s *trial) upgrade(t *testing.T) {
	organisations := []material.Organisation{material.Retail, material.Brands}
	keys := s.sell(t, 3)
	before := map[string]string{}
	for _, o := range organisations {
		before[o.MSPID] = s.holdings(t, o, keys)
	}
	definition := s.definition(t, material.Retail)

	program := s.buildChaincode(t, edit{"contract.go", `c.Info.Version = "1"`, `c.Info.Version = "upgraded"`})
	s.ChaincodePrograms = map[string]string{material.Retail.MSPID: program, material.Brands.MSPID: program}
	s.Collections = s.anotherCollection(t)
	meanwhile, upload := s.sales(t, 50)
	uploaded := make(chan error, 1)
	go func() { uploaded <- upload() }()
	s.repair(t)
	if err := <-uploaded; err != nil {
		t.Error(err)
	}

	later := slices.Concat(meanwhile, s.sell(t, 1))
	for _, o := range organisations {
		if now := s.definition(t, o); now.Sequence != definition.Sequence+1 || len(now.Collections.GetConfig()) != 2 {
			t.Errorf("%s's peer has definition %d with %d collections, want %d with 2", o.MSPID, now.Sequence, len(now.Collections.GetConfig()), definition.Sequence+1)
		}
		metadata, err := s.at(t, o, "tickets").Evaluate(t.Context(), "org.hyperledger.fabric:GetMetadata")
		if err != nil || !strings.Contains(string(metadata), `"upgraded"`) {
			t.Errorf("%s's peer calls %.200s, %v", o.MSPID, metadata, err)
		}
		if after := s.holdings(t, o, keys); after != before[o.MSPID] {
			t.Errorf("%s's peer held\n%s\nand holds\n%s", o.MSPID, before[o.MSPID], after)
		}
		s.holdings(t, o, later)
	}
}

// anotherCollection is the collections as they are, and one more.
func (s *trial) anotherCollection(t *testing.T) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(s.Repository, "network", "ledger", "collections.json"))
	if err != nil {
		t.Fatal(err)
	}
	var collections []map[string]any
	for range 2 {
		var again []map[string]any
		if err := json.Unmarshal(content, &again); err != nil {
			t.Fatal(err)
		}
		collections = append(collections, again[0])
	}
	collections[1]["name"] = "more"
	if content, err = json.Marshal(collections); err != nil {
		t.Fatal(err)
	}
	return content
}

// definition is the one in force at a peer.
func (s *trial) definition(t *testing.T, o material.Organisation) *lifecycle.QueryChaincodeDefinitionResult {
	t.Helper()
	request, err := proto.Marshal(&lifecycle.QueryChaincodeDefinitionArgs{Name: "tickets"})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := s.at(t, o, "_lifecycle").Evaluate(t.Context(), "QueryChaincodeDefinition", string(request))
	if err != nil {
		t.Fatal(err)
	}
	result := new(lifecycle.QueryChaincodeDefinitionResult)
	if err := proto.Unmarshal(answer, result); err != nil {
		t.Fatal(err)
	}
	return result
}
