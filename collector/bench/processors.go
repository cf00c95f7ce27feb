package bench

import (
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/tillproof/tillproof/network/daemon"
)

// tick is the unit of processor time in /proc, in microseconds.
const tick = 10_000

// processorTime is what each program of the system has used of the processors so far, in microseconds; of PostgreSQL all of
// its processes. There is none where there is no /proc.
func (s *system) processorTime() map[string]int64 {
	programs, err := daemon.Processes(filepath.Join(s.run, "pids"))
	if err != nil {
		return nil
	}
	used := make(map[string]int64, len(programs))
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range stats {
		parent, ticks := processorTicks(file)
		process, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		for name, id := range programs {
			if id == process || id == parent {
				used[name] += ticks * tick
			}
		}
	}
	return used
}

// processorTicks reads a process's parent and the time that it and its ended children have used. The name before it, in
// brackets, may hold anything.
func processorTicks(stat string) (parent int, ticks int64) {
	text, err := os.ReadFile(stat)
	if err != nil {
		return 0, 0 // it has ended
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(fields) < 15 {
		return 0, 0
	}
	parent, _ = strconv.Atoi(fields[1])
	for _, field := range fields[11:15] { // utime, stime, cutime, cstime
		n, _ := strconv.ParseInt(field, 10, 64)
		ticks += n
	}
	return parent, ticks
}

// eachTicket is what a ticket took of the processors between two looks, in microseconds.
func eachTicket(before, after map[string]int64, tickets int) map[string]float64 {
	each := make(map[string]float64, len(after))
	for name, used := range after {
		each[name] = math.Round(float64(used-before[name]) / float64(tickets))
	}
	return each
}
