package programs

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// own are our programs' packages, relative to the repository.
var own = []string{
	"./network/cmd/tillproof-network",
	"./network/cmd/tillproof-programme",
	"./chaincode/cmd/tillproof-chaincode",
	"./collector/cmd/tillproof-collector",
	"./query-server/cmd/tillproof-query-server",
	"./witness/cmd/tillproof-witness",
	"./anchor/cmd/tillproof-anchor",
	"./cli/cmd/tillproof",
}

// Build compiles our own programs. The compiler itself knows what has not
// changed. No version control stamp goes in: a commit alone is no reason to
// restart everything.
func Build(ctx context.Context, repository, into string) error {
	if err := os.MkdirAll(into, 0o700); err != nil {
		return err
	}
	args := append([]string{"build", "-buildvcs=false", "-o", into + string(filepath.Separator)}, own...)
	command := exec.CommandContext(ctx, "go", args...)
	command.Dir = repository
	command.Env = append(os.Environ(), "GOWORK="+filepath.Join(repository, "go.work"))
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("build our programs: %w:\n%s", err, output)
	}
	return nil
}
