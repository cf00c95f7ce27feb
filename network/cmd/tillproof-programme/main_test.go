package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/tillproof/tillproof/domain/ledger"
)

func TestParse(t *testing.T) {
	for line, want := range map[string]struct {
		function string
		request  ledger.AgreeRequest
		usage    bool
	}{
		"":               {},
		"agree 2 abc":    {function: "AgreeProgramme", request: ledger.AgreeRequest{Version: 2, Digest: "abc"}},
		"decline 3":      {function: "WithdrawProposal", request: ledger.AgreeRequest{Version: 3}},
		"agree 2":        {usage: true}, // without the digest nobody knows which rule was meant
		"decline 3 more": {usage: true},
		"decline two":    {usage: true},
		"decline -1":     {usage: true},
		"propose 2":      {usage: true},
	} {
		function, request, err := parse(strings.Fields(line))
		if errors.Is(err, errUsage) != want.usage {
			t.Errorf("%q: %v", line, err)
		}
		if !want.usage && (function != want.function || request != want.request) {
			t.Errorf("%q: %s %+v, want %s %+v", line, function, request, want.function, want.request)
		}
	}
}

func TestMissingPeerIsNamed(t *testing.T) {
	err := run(t.Context(), func(string) string { return "" }, nil)
	if err == nil || !strings.Contains(err.Error(), "FABRIC_PEER") {
		t.Errorf("got %v", err)
	}
}
