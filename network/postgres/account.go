package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/tillproof/tillproof/network/daemon"
)

// An account is whom the server runs as, and where its data then are. For an
// ordinary user that is the user, and the data are in the run directory.
//
// PostgreSQL refuses to run as root, and another user could not enter a
// directory that is root's. So for root there are two ways. In a user
// namespace of its own the server believes itself to be user 1000 while its
// files stay root's, in the run directory. Where the kernel does not allow
// that, it runs as another user that exists, with its data under /var/lib.
type account struct {
	namespace *syscall.SysProcAttr
	user      *daemon.User // if not us
	home      string       // the server's directory
}

// homeForOthers is where the second way keeps its data: it survives a reboot.
const homeForOthers = "/var/lib/tillproof"

// chooseAccount stays with the way by which the data were made.
func chooseAccount(ctx context.Context, dir string) (account, error) {
	if os.Geteuid() != 0 {
		return account{home: dir}, nil
	}
	other := otherHome(dir)
	if exists(other) {
		return otherAccount(other)
	}
	refused := tryNamespace(ctx, dir)
	if refused == nil {
		return account{namespace: namespace(), home: dir}, nil
	}
	if exists(filepath.Join(dir, dataName)) {
		return account{}, fmt.Errorf("the database in %s needs a user namespace, which the kernel now refuses: %w", dir, refused)
	}
	return otherAccount(other)
}

// otherHome is the run directory's own place under homeForOthers.
func otherHome(dir string) string {
	sum := sha256.Sum256([]byte(dir))
	return filepath.Join(homeForOthers, hex.EncodeToString(sum[:6]))
}

// tryNamespace runs a program that does nothing, in the directory that the
// server would have to enter: without root's powers it may be closed to it.
func tryNamespace(ctx context.Context, dir string) error {
	attributes := namespace()
	if attributes == nil {
		return errors.ErrUnsupported
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	command := exec.CommandContext(ctx, "true")
	command.Dir, command.SysProcAttr = dir, attributes
	return command.Run()
}

func otherAccount(home string) (account, error) {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.Atoi(u.Uid)
		gid, gidErr := strconv.Atoi(u.Gid)
		if err := errors.Join(uidErr, gidErr); err != nil {
			return account{}, fmt.Errorf("user %s: %w", name, err)
		}
		return account{user: &daemon.User{UID: uid, GID: gid}, home: home}, nil
	}
	return account{}, errors.New("PostgreSQL cannot run as root, and there is no user postgres or nobody to run it: run scripts/up as an ordinary user, or set DATABASE_URL")
}

// makeHome makes the server's directory, and gives it to whom it is for.
func (a account) makeHome() error {
	if a.user == nil {
		return os.MkdirAll(a.home, 0o700)
	}
	parent := filepath.Dir(a.home)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return err
	}
	if err := os.Chmod(parent, 0o755); err != nil { // whatever the umask says
		return err
	}
	if err := os.Mkdir(a.home, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return a.give(a.home)
}

// give makes the account the owner of a file that we wrote.
func (a account) give(file string) error {
	if a.user == nil {
		return nil
	}
	return os.Chown(file, a.user.UID, a.user.GID)
}

// attributes are for a program that we wait for, such as initdb.
func (a account) attributes() *syscall.SysProcAttr {
	if a.user == nil {
		return a.namespace
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(a.user.UID), Gid: uint32(a.user.GID)}}
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
