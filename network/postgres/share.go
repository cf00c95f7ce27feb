package postgres

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/tillproof/tillproof/network/durable"
)

// sharePrograms copies the programs into the server's directory if the account
// could not run them where they are: npm puts them into the run directory,
// which only its owner may enter.
func (s *Server) sharePrograms() error {
	if s.account.user == nil || s.programs.Libraries == "" {
		return nil
	}
	from := filepath.Dir(s.programs.Directory)
	to := filepath.Join(s.account.home, "programs")
	if !exists(to) {
		unfinished, err := durable.Folder(to)
		if err != nil {
			return err
		}
		if err := os.CopyFS(unfinished, os.DirFS(from)); err != nil {
			return err
		}
		if err := filepath.WalkDir(unfinished, s.giveEntry); err != nil {
			return err
		}
		if err := durable.Move(unfinished, to); err != nil {
			return err
		}
	}
	s.programs.Directory = strings.Replace(s.programs.Directory, from, to, 1)
	s.programs.Libraries = strings.Replace(s.programs.Libraries, from, to, 1)
	return nil
}

func (s *Server) giveEntry(path string, _ os.DirEntry, err error) error {
	if err != nil {
		return err
	}
	return os.Lchown(path, s.account.user.UID, s.account.user.GID)
}
