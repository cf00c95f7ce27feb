package upload

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tillproof/tillproof/cli/client"
)

const (
	doneFolder    = "done"
	refusedFolder = "refused"
	partialSuffix = ".partial"
	hashDigits    = 16
	// maxStem leaves room for what is added to a name of up to 255 bytes.
	maxStem = 160
)

// shelf is where the files of a drop folder go: folders within it, so that
// moving is renaming.
type shelf struct{ folder string }

func openShelf(folder string) (*shelf, error) {
	s := &shelf{folder}
	if err := s.make(doneFolder, refusedFolder); err != nil {
		return nil, err
	}
	leftovers, err := filepath.Glob(filepath.Join(folder, refusedFolder, ".*"+partialSuffix))
	for _, path := range leftovers {
		err = errors.Join(err, os.Remove(path))
	}
	if err != nil {
		return nil, fmt.Errorf("tidy up %s: %w", refusedFolder, err)
	}
	return s, nil
}

// make makes folders that are not there: somebody may tidy up while the watch
// goes on.
func (s *shelf) make(folders ...string) error {
	for _, name := range folders {
		if err := makeFolder(filepath.Join(s.folder, name)); err != nil {
			return err
		}
	}
	return nil
}

// finish moves a file to the folder of the day, and returns where it is below
// the drop folder.
func (s *shelf) finish(name string) (place string, err error) {
	day := filepath.Join(doneFolder, time.Now().Format(time.DateOnly))
	if err := s.make(doneFolder, day); err != nil {
		return "", err
	}
	place = filepath.Join(day, name)
	if _, err := os.Lstat(filepath.Join(s.folder, place)); err == nil {
		hash, err := s.hash(name)
		if err != nil {
			return "", err
		}
		place = filepath.Join(day, tagged(name, hash)) // the same name, another drop
	} else if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("move to %s: %w", day, err)
	}
	return place, s.move(name, place)
}

// giveBack undoes finish, unless there is a new file of that name.
func (s *shelf) giveBack(place, name string) error {
	if _, err := os.Lstat(filepath.Join(s.folder, name)); err == nil {
		return fmt.Errorf("%s was added to after it had been moved; drop it again under another name", place)
	}
	return s.move(place, name)
}

// putAside moves a file that is no good to the refused ones, with the reason
// beside it.
func (s *shelf) putAside(name string, fault error) (place string, err error) {
	hash, err := s.hash(name)
	if err != nil {
		return "", err
	}
	place = filepath.Join(refusedFolder, tagged(name, hash))
	problem, err := json.Marshal(struct {
		File    string         `json:"file"`
		Problem client.Problem `json:"problem"`
		Remedy  string         `json:"remedy"`
	}{name, client.Problem{Title: "cannot be read", Detail: fault.Error()}, remedyUnsent})
	if err != nil {
		return "", fmt.Errorf("write the problem: %w", err)
	}
	if err := s.make(refusedFolder); err != nil {
		return "", err
	}
	partial := filepath.Join(s.folder, refusedFolder, "."+hash+partialSuffix)
	if err := writeDurably(partial, append(problem, '\n')); err != nil {
		return "", err
	}
	if err := rename(partial, filepath.Join(s.folder, place+".problem.json")); err != nil {
		return "", err
	}
	return place, s.move(name, place)
}

func (s *shelf) move(from, to string) error {
	return rename(filepath.Join(s.folder, from), filepath.Join(s.folder, to))
}

// hash tells files of one name apart.
func (s *shelf) hash(name string) (string, error) {
	file, err := os.Open(filepath.Join(s.folder, name))
	if err != nil {
		return "", err
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "", fmt.Errorf("read %s: %w", name, err)
	}
	return hex.EncodeToString(hash.Sum(nil))[:hashDigits], nil
}

// tagged puts a tag before the extensions of a name: sales.3f2a….ndjson.gz.
func tagged(name, tag string) string {
	stem := strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".zst")
	stem = strings.TrimSuffix(stem, filepath.Ext(stem))
	extensions := name[len(stem):]
	if len(stem) > maxStem {
		stem = strings.ToValidUTF8(stem[:maxStem], "")
	}
	return stem + "." + tag + extensions
}
