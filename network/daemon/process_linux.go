package daemon

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
)

var errNoProcess = errors.New("no such process")

// began identifies the process beyond its id: the boot it belongs to, and the
// clock tick of that boot at which it began. A process that has ended but was
// not yet waited for counts as gone.
func began(pid int) (string, error) {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "", err
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", errNoProcess
	}
	// The second field is the program's name in parentheses, which may itself
	// hold spaces and parentheses: the fields that can be split come after it.
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	const state, startTime = 0, 19 // fields 3 and 22 in proc(5)
	if len(fields) <= startTime {
		return "", fmt.Errorf("read /proc/%d/stat: too few fields", pid)
	}
	if s := string(fields[state]); s == "Z" || s == "X" {
		return "", errNoProcess
	}
	return strings.TrimSpace(string(boot)) + "/" + string(fields[startTime]), nil
}

// CommandLine returns what a process was started with.
func CommandLine(pid int) (string, error) {
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		return "", errNoProcess
	}
	return string(bytes.ReplaceAll(line, []byte{0}, []byte{' '})), nil
}
