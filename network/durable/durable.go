// Package durable makes files and folders appear complete or not at all, also
// when the power goes: what a name leads to is on the disk before the name is.
package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Unfinished follows a name in the names of what may become it.
const Unfinished = ".new"

// WriteFile replaces a file, readable by its owner alone.
func WriteFile(path string, content []byte) error {
	unfinished := path + Unfinished
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

// Folder makes the folder that is to become path, by Move, once it is finished.
// Each call makes another: a program that fills one may outlive the caller that
// started it, if that was killed, and must not get in the way of the next.
func Folder(path string) (unfinished string, err error) {
	parent, prefix := filepath.Dir(path), filepath.Base(path)+Unfinished
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return "", err
	}
	entries, err := os.ReadDir(parent)
	if err != nil {
		return "", err
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), prefix) {
			// What such a program still writes to, a later call removes.
			_ = os.RemoveAll(filepath.Join(parent, entry.Name()))
		}
	}
	return os.MkdirTemp(parent, prefix+"-*")
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
