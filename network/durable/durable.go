// Package durable makes files and folders appear complete or not at all, also
// when the power goes: what a name leads to is on the disk before the name is.
package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// WriteFile replaces a file, readable by its owner alone.
func WriteFile(path string, content []byte) error {
	unfinished := path + ".new"
	if err := write(unfinished, content); err != nil {
		return err
	}
	return Move(unfinished, path)
}

func write(path string, content []byte) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Close())
}

// Move gives a finished file or folder its name.
func Move(unfinished, path string) error {
	if err := filepath.WalkDir(unfinished, syncEntry); err != nil {
		return err
	}
	if err := os.Rename(unfinished, path); err != nil {
		return err
	}
	return sync(filepath.Dir(path))
}

func syncEntry(path string, entry fs.DirEntry, err error) error {
	if err != nil || (!entry.IsDir() && !entry.Type().IsRegular()) {
		return err
	}
	return sync(path)
}

func sync(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}
