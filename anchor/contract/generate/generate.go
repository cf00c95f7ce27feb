// Command generate compiles the contracts and writes their artifacts and Go bindings; run it from the module's folder:
//
//	go run ./contract/generate
//
// The compiler is the npm package that contract/package-lock.json pins by its checksum. It is installed outside the
// repository, and none of its scripts run.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"github.com/tillproof/tillproof/anchor/contract/solidity"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := solidity.Generate(ctx, ".", "."); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}
