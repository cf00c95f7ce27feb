package daemon

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// keptLogs is how many logs of earlier starts stay beside the present one.
const keptLogs = 3

func logFile(dir, name string) string { return filepath.Join(dir, name+".log") }

// openLog sets earlier logs aside (NAME.log.1 is the youngest of them).
func openLog(dir, name string) (*os.File, error) {
	file := logFile(dir, name)
	for i := keptLogs - 1; i >= 0; i-- {
		from := file
		if i > 0 {
			from = fmt.Sprintf("%s.%d", file, i)
		}
		err := os.Rename(from, fmt.Sprintf("%s.%d", file, i+1))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
}

// tail returns the last lines of a log, enough of it to see why a program died.
func tail(file string, lines int) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	const most = 16 << 10
	if info, err := f.Stat(); err == nil && info.Size() > most {
		if _, err := f.Seek(-most, io.SeekEnd); err != nil {
			return ""
		}
	}
	content, err := io.ReadAll(io.LimitReader(f, most))
	if err != nil {
		return ""
	}
	// After a panic the reason comes first, and then the stacks of all.
	text, _, _ := strings.Cut(string(content), "\ngoroutine ")
	all := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if len(all) > lines {
		all = all[len(all)-lines:]
	}
	return strings.Join(all, "\n")
}
