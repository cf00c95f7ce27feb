package key_test

import (
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/signer/core/apitypes"

	"github.com/tillproof/tillproof/anchor/chaintest"
	"github.com/tillproof/tillproof/anchor/key"
	"github.com/tillproof/tillproof/anchor/statement"
)

var (
	aStatement = statement.Checkpoint{Place: statement.Place{ChainID: 5, Contract: common.Address{1}, Epoch: 1}, Next: statement.State{Size: 1}}
	chainID    = big.NewInt(5)
)

func aTransaction(to *common.Address) *types.Transaction {
	return types.NewTx(&types.DynamicFeeTx{ChainID: chainID, Nonce: 3, To: to, Data: []byte{1, 2}, Gas: 50000,
		GasFeeCap: big.NewInt(30e9), GasTipCap: big.NewInt(1e9)})
}

func TestKeystore(t *testing.T) {
	dir := t.TempDir()
	file, password := filepath.Join(dir, "keys", "retail.json"), filepath.Join(dir, "keys", "retail.password")
	made, err := key.Ensure(file, password)
	if err != nil {
		t.Fatal(err)
	}
	again, err := key.Ensure(file, password)
	if err != nil || again.Address() != made.Address() {
		t.Fatalf("the second time: %v, %v; want %v", again.Address(), err, made.Address())
	}
	signs(t, again)
	for _, f := range []string{file, password} {
		if info, err := os.Stat(f); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: others may read it: %v, %v", f, info.Mode(), err)
		}
	}
	text, err := os.ReadFile(password)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(password, []byte("another\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = key.OpenKeystore(file, password)
	if err == nil || !strings.Contains(err.Error(), "is not its password") || strings.Contains(err.Error(), strings.TrimSpace(string(text))) {
		t.Errorf("a wrong password: %v", err)
	}
	if _, err := key.OpenKeystore(file+"x", password); err == nil {
		t.Error("a keystore that is not there was opened")
	}
	if err := os.WriteFile(file, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := key.OpenKeystore(file, password); err == nil {
		t.Error("an empty keystore was opened")
	}
}

// signs checks both kinds of signatures.
func signs(t *testing.T, s key.Signer) {
	t.Helper()
	signature, err := s.SignStatement(t.Context(), aStatement)
	if err != nil {
		t.Fatal(err)
	}
	if err := signature.Verify(aStatement, s.Address()); err != nil {
		t.Error(err)
	}
	for _, to := range []*common.Address{{9}, nil} {
		signed, err := s.SignTransaction(t.Context(), aTransaction(to), chainID)
		if err != nil {
			t.Fatal(err)
		}
		if by, err := types.Sender(types.LatestSignerForChainID(chainID), signed); err != nil || by != s.Address() || signed.Nonce() != 3 {
			t.Errorf("signed by %s, %v", by, err)
		}
	}
}

// clef answers as clef does, for Retail; tamper may change what it is asked to sign.
func clef(t *testing.T, tamper func(*types.DynamicFeeTx)) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var call struct {
			ID     json.RawMessage
			Method string
			Params []json.RawMessage
		}
		if err := json.NewDecoder(r.Body).Decode(&call); err != nil {
			t.Error(err)
		}
		var result any
		switch call.Method {
		case "account_signTypedData":
			var data apitypes.TypedData
			if err := json.Unmarshal(call.Params[1], &data); err != nil {
				t.Error(err)
			}
			digest, _, err := apitypes.TypedDataAndHash(data)
			if want, _ := statement.Digest(aStatement); err != nil || common.Hash(digest) != want {
				t.Errorf("asked to sign %x, %v; want %s", digest, err, want)
			}
			signature, err := chaintest.Retail.SignStatement(r.Context(), aStatement)
			if err != nil {
				t.Error(err)
			}
			result = hexutil.Bytes(signature[:])
		case "account_signTransaction":
			var args apitypes.SendTxArgs
			if err := json.Unmarshal(call.Params[0], &args); err != nil {
				t.Error(err)
			}
			asked := &types.DynamicFeeTx{ChainID: args.ChainID.ToInt(), Nonce: uint64(args.Nonce), Gas: uint64(args.Gas), Data: *args.Input,
				GasFeeCap: args.MaxFeePerGas.ToInt(), GasTipCap: args.MaxPriorityFeePerGas.ToInt()}
			if args.To != nil {
				to := args.To.Address()
				asked.To = &to
			}
			tamper(asked)
			signed, err := chaintest.Retail.SignTransaction(r.Context(), types.NewTx(asked), chainID)
			if err != nil {
				t.Error(err)
			}
			raw, err := signed.MarshalBinary()
			if err != nil {
				t.Error(err)
			}
			result = map[string]any{"raw": hexutil.Bytes(raw), "tx": signed}
		}
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(map[string]any{"jsonrpc": "2.0", "id": call.ID, "result": result}); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestExternalSigner(t *testing.T) {
	honest, err := key.DialExternal(t.Context(), clef(t, func(*types.DynamicFeeTx) {}), chaintest.Retail.Address())
	if err != nil {
		t.Fatal(err)
	}
	signs(t, honest)

	other, err := key.DialExternal(t.Context(), clef(t, func(tx *types.DynamicFeeTx) { tx.GasFeeCap = big.NewInt(31e9) }), chaintest.Retail.Address())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.SignTransaction(t.Context(), aTransaction(nil), chainID); err == nil {
		t.Error("a transaction that the signing program changed was taken")
	}
	wrong, err := key.DialExternal(t.Context(), clef(t, func(*types.DynamicFeeTx) {}), chaintest.Brands.Address())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := wrong.SignStatement(t.Context(), aStatement); err == nil {
		t.Error("another account's signature was taken")
	}
}
