package bench

import (
	"os"
	"path/filepath"
	"testing"
)

func TestProcessorTicks(t *testing.T) {
	file := filepath.Join(t.TempDir(), "stat")
	// The fields are those of proc(5); a program may have any name.
	const stat = "4711 (a) S 9 (b) R 42 4711 4711 0 -1 4194304 100 0 0 0 30 12 7 5 20 0 1 0 100 1000000 200\n"
	if err := os.WriteFile(file, []byte(stat), 0o600); err != nil {
		t.Fatal(err)
	}
	if parent, ticks := processorTicks(file); parent != 42 || ticks != 30+12+7+5 {
		t.Errorf("parent %d and %d ticks, want 42 and 54", parent, ticks)
	}
	if parent, ticks := processorTicks(filepath.Join(t.TempDir(), "gone")); parent != 0 || ticks != 0 {
		t.Errorf("of a process that has ended: parent %d and %d ticks", parent, ticks)
	}
}

func TestEachTicket(t *testing.T) {
	each := eachTicket(map[string]int64{"peer": 1000}, map[string]int64{"peer": 3000, "started since": 500}, 10)
	if each["peer"] != 200 || each["started since"] != 50 {
		t.Errorf("a ticket takes %v, want 200 and 50 µs", each)
	}
}
