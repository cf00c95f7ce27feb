package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/tillproof/tillproof/network/demo"
	"github.com/tillproof/tillproof/network/durable"
	"github.com/tillproof/tillproof/network/servers"
)

// Data says what to load. The zero value stands for the demo's own data, which
// are loaded only into a system for which nothing was chosen yet.
type Data struct {
	None   bool
	Folder string
}

func (d Data) check() error {
	if d.None && d.Folder != "" {
		return errors.New("--no-data and --data exclude each other: give one of them")
	}
	if d.Folder == "" {
		return nil
	}
	return demo.Folder(d.Folder).Check()
}

// loaded is the content of .run/loaded: what was chosen, and what is in.
type loaded struct {
	Nothing bool     `json:"nothing,omitempty"` // that was a choice, too
	Folders []string `json:"folders,omitempty"`
	Users   []string `json:"users,omitempty"` // who stand for somebody in the last folder
}

func (c Configuration) loadedFile() string { return c.in("loaded") }

func (c Configuration) readLoaded() (loaded, error) {
	var l loaded
	content, err := os.ReadFile(c.loadedFile())
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err != nil {
		return l, err
	}
	if err := json.Unmarshal(content, &l); err != nil {
		return l, fmt.Errorf("read %s: %w", c.loadedFile(), err)
	}
	return l, nil
}

func (c Configuration) writeLoaded(l loaded) error {
	content, err := json.Marshal(l)
	if err != nil {
		return err
	}
	return durable.WriteFile(c.loadedFile(), append(content, '\n'))
}

func (s *stack) loader() demo.Loader {
	passwords := map[string]string{}
	for _, user := range users {
		passwords[user] = s.env.Get(passwordKey(user))
	}
	return demo.Loader{
		Servers:   servers.Servers{Collector: s.ports.CollectorURL(), Query: s.ports.QueryURL()},
		CLI:       s.program("tillproof"),
		Passwords: passwords,
		Progress:  s.Progress,
	}
}

// load loads what is asked for. An interrupted load is not on record and is
// begun again; what of it had arrived then counts as duplicate.
func (s *stack) load(ctx context.Context, data Data) error {
	loader := s.loader()
	if err := loader.EnsureAuditor(ctx); err != nil {
		return err
	}
	before, err := s.readLoaded()
	if err != nil {
		return err
	}
	nothingChosen := !before.Nothing && len(before.Folders) == 0
	switch {
	case data.None && nothingChosen:
		return s.writeLoaded(loaded{Nothing: true})
	case data.None || (data.Folder == "" && !nothingChosen):
		return nil
	}
	folder := s.in("demo")
	if data.Folder == "" {
		if err := loader.Simulate(ctx, demo.Folder(folder)); err != nil {
			return err
		}
	} else if folder, err = filepath.Abs(data.Folder); err != nil {
		return err
	}
	users, err := loader.Load(ctx, demo.Folder(folder))
	if err != nil {
		return err
	}
	if !slices.Contains(before.Folders, folder) {
		before.Folders = append(before.Folders, folder)
	}
	return s.writeLoaded(loaded{Folders: before.Folders, Users: users})
}
