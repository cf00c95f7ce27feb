//go:build js && wasm

// Command tillproof-verifier is the verifier of proof bundles for the browser, as WebAssembly. It adds one function to what
// it is loaded by:
//
//	tillproofVerify(bundle: Uint8Array, trusted: string): string
//
// trusted and the answer are JSON, as package verifier has it. Nothing is asked of anybody: whoever has loaded it may go
// off line.
package main

import (
	"syscall/js"

	"github.com/tillproof/tillproof/domain/verifier"
)

func main() {
	js.Global().Set("tillproofVerify", js.FuncOf(func(_ js.Value, args []js.Value) any {
		bundle := make([]byte, args[0].Get("length").Int())
		js.CopyBytesToGo(bundle, args[0])
		report, err := verifier.Verify(bundle, []byte(args[1].String()))
		if err != nil {
			panic(err) // a report can always be written
		}
		return string(report)
	}))
	select {} // the function is there for as long as the page is
}
