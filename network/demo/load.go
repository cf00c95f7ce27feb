package demo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"

	"github.com/tillproof/tillproof/network/durable"
	"github.com/tillproof/tillproof/network/servers"
)

// The demo's users. Admin and auditor always exist; the others belong to what
// was loaded.
const (
	Admin    = "admin"
	Auditor  = "auditor"
	Customer = "customer-1"
	Store    = "store-1"
	Maker    = "maker-1"
)

// A Loader loads folders as the administrator.
type Loader struct {
	servers.Servers
	CLI       string            // the tillproof program
	Passwords map[string]string // by user
	Progress  func(message string)
}

// EnsureAuditor makes the user who may see whether everything is there.
func (l Loader) EnsureAuditor(ctx context.Context) error {
	admin, err := l.SignIn(ctx, Admin, l.Passwords[Admin])
	if err != nil {
		return err
	}
	return admin.PutUser(ctx, Auditor, "auditor", l.Passwords[Auditor], nil)
}

// Load registers what the folder holds, makes the demo's users and uploads the
// tickets. It may be repeated: what is there already stays as it is. It returns
// the names of the users that stand for somebody in the folder.
func (l Loader) Load(ctx context.Context, folder Folder) (users []string, err error) {
	admin, err := l.SignIn(ctx, Admin, l.Passwords[Admin])
	if err != nil {
		return nil, err
	}
	for _, kind := range kinds {
		if err := l.register(ctx, admin, folder, kind); err != nil {
			return nil, fmt.Errorf("register %s: %w", kind, err)
		}
	}
	if users, err = l.makeUsers(ctx, admin, folder); err != nil {
		return nil, err
	}
	return users, l.upload(ctx, folder)
}

func (l Loader) register(ctx context.Context, admin servers.Caller, folder Folder, kind string) error {
	file, err := os.Open(folder.file(kind))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	l.Progress("registering " + kind)
	return sendLines(ctx, admin, l.Collector+"/v1/registrations/"+kind, file)
}

// makeUsers gives the demo's users what they stand for. A folder without
// manufacturers has no maker.
func (l Loader) makeUsers(ctx context.Context, admin servers.Caller, folder Folder) ([]string, error) {
	people, err := folder.people()
	if err != nil {
		return nil, err
	}
	var users []string
	for _, p := range people {
		if err := admin.PutUser(ctx, p.user, p.role, l.Passwords[p.user], p.scope); err != nil {
			return nil, err
		}
		users = append(users, p.user)
	}
	return users, nil
}

// upload leaves the progress bar to the program that has one.
func (l Loader) upload(ctx context.Context, folder Folder) error {
	l.Progress("uploading tickets")
	command := exec.CommandContext(ctx, l.CLI, "upload", folder.file("tickets"))
	command.Env = append(os.Environ(),
		"TILLPROOF_COLLECTOR_URL="+l.Collector, "TILLPROOF_QUERY_URL="+l.Query, "TILLPROOF_TOKEN=",
		"TILLPROOF_USERNAME="+Admin, "TILLPROOF_PASSWORD="+l.Passwords[Admin])
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	if err := command.Run(); err != nil {
		return fmt.Errorf("upload tickets: %w", err)
	}
	return nil
}

// Simulate makes the demo's own data in the folder, once: a small chain whose
// tickets end yesterday.
func (l Loader) Simulate(ctx context.Context, folder Folder) error {
	if _, err := os.Stat(string(folder)); err == nil {
		return nil
	}
	l.Progress("making a demo retailer and its tickets")
	unfinished, err := durable.Folder(string(folder))
	if err != nil {
		return err
	}
	command := exec.CommandContext(ctx, l.CLI, "simulate", "--out", unfinished, "--stores", "5", "--customers", "60", "--tickets", "1000")
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("make demo tickets: %w: %s", err, output)
	}
	return durable.Move(unfinished, string(folder))
}
