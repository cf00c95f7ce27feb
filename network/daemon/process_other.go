//go:build !linux

package daemon

import (
	"errors"
	"os/exec"
	"strconv"
	"strings"
)

var errNoProcess = errors.New("no such process")

// began identifies the process beyond its id: the date and time it began. A
// process that has ended but was not yet waited for counts as gone.
func began(pid int) (string, error) {
	output, err := ps(pid, "stat=,lstart=")
	if err != nil {
		return "", err
	}
	state, start, _ := strings.Cut(output, " ")
	if strings.HasPrefix(state, "Z") {
		return "", errNoProcess
	}
	return strings.TrimSpace(start), nil
}

// CommandLine returns what a process was started with.
func CommandLine(pid int) (string, error) { return ps(pid, "command=") }

func ps(pid int, columns string) (string, error) {
	command := exec.Command("ps", "-o", columns, "-p", strconv.Itoa(pid))
	command.Env = []string{"LC_ALL=C", "TZ=UTC", "PATH=/bin:/usr/bin"}
	output, err := command.Output()
	if err != nil || len(strings.TrimSpace(string(output))) == 0 {
		return "", errNoProcess
	}
	return strings.TrimSpace(string(output)), nil
}
