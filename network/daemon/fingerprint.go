package daemon

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"
	"sort"
	"strconv"
)

// fingerprint is a hash over all that decides how the daemon behaves.
func fingerprint(s Spec) (string, error) {
	sum := sha256.New()
	add(sum, "program", s.Program)
	for _, arg := range s.Args {
		add(sum, "argument", arg)
	}
	if s.Niceness != 0 {
		add(sum, "niceness", strconv.Itoa(s.Niceness))
	}
	env := append([]string(nil), s.Env...)
	sort.Strings(env)
	for _, variable := range env {
		add(sum, "environment", variable)
	}
	for _, file := range append([]string{s.Program}, s.Inputs...) {
		if err := addFile(sum, file); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// add writes one value with its length, so that no two lists run together.
func add(sum hash.Hash, kind, value string) {
	fmt.Fprintf(sum, "%s %d %s\n", kind, len(value), value)
}

func addFile(sum hash.Hash, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	content := sha256.New()
	if _, err := io.Copy(content, f); err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	add(sum, "file", hex.EncodeToString(content.Sum(nil)))
	return nil
}
