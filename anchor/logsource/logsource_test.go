package logsource_test

import (
	"encoding/binary"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/tillproof/tillproof/anchor/logsource"
	"github.com/tillproof/tillproof/anchor/statement"
	"github.com/tillproof/tillproof/domain/checkpoint"
	"github.com/tillproof/tillproof/domain/tiles"
)

// A published log, as the query server has it.
type published struct {
	t        *testing.T
	operator *checkpoint.Signer
	signer   *checkpoint.Signer // who signs
	appender *tiles.Appender
	stored   map[tiles.ID][]byte
	leaves   []tlog.Hash
}

func publish(t *testing.T) *published {
	t.Helper()
	operator, err := checkpoint.NewOperator("example.org/tickets", [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	p := &published{t: t, operator: operator, signer: operator, stored: map[tiles.ID][]byte{}}
	p.appender, err = tiles.NewAppender(0, func([]tiles.ID) (map[tiles.ID][]byte, error) { return nil, nil })
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *published) grow(n int) statement.State {
	p.t.Helper()
	leaves := make([]tlog.Hash, n)
	for i := range leaves {
		leaves[i] = tlog.RecordHash(binary.BigEndian.AppendUint64(nil, uint64(len(p.leaves)+i)))
	}
	p.leaves = append(p.leaves, leaves...)
	for _, tile := range p.appender.Append(leaves) {
		p.stored[tile.ID] = tile.Hashes
	}
	return p.state()
}

func (p *published) state() statement.State {
	p.t.Helper()
	var hashes []tlog.Hash
	for i, leaf := range p.leaves {
		more, err := tlog.StoredHashesForRecordHash(int64(i), leaf, tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
			read := make([]tlog.Hash, len(indexes))
			for j, index := range indexes {
				read[j] = hashes[index]
			}
			return read, nil
		}))
		if err != nil {
			p.t.Fatal(err)
		}
		hashes = append(hashes, more...)
	}
	root, err := tlog.TreeHash(int64(len(p.leaves)), tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		read := make([]tlog.Hash, len(indexes))
		for j, index := range indexes {
			read[j] = hashes[index]
		}
		return read, nil
	}))
	if err != nil {
		p.t.Fatal(err)
	}
	return statement.State{Size: uint64(len(p.leaves)), Root: [32]byte(root)}
}

func (p *published) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/v1/log/checkpoint" {
		s := p.state()
		io.WriteString(w, p.signer.Sign(checkpoint.Checkpoint{Origin: "example.org/tickets", Size: int64(s.Size), Root: tlog.Hash(s.Root)}))
		return
	}
	path, err := tiles.ParsePath(strings.TrimPrefix(r.URL.Path, "/v1/log/tile/"))
	if err != nil || len(p.stored[path.ID]) < path.Partial*tlog.HashSize {
		http.NotFound(w, r)
		return
	}
	w.Write(p.stored[path.ID][:path.Partial*tlog.HashSize])
}

func (p *published) log() *logsource.Log {
	p.t.Helper()
	server := httptest.NewServer(p)
	p.t.Cleanup(server.Close)
	at, err := url.Parse(server.URL)
	if err != nil {
		p.t.Fatal(err)
	}
	return &logsource.Log{URL: at, Operator: p.operator.Key, HTTP: server.Client()}
}

func TestGrowth(t *testing.T) {
	p := publish(t)
	log := p.log()
	states := []statement.State{p.state()}
	for _, n := range []int{1, 4, 250, 1, 300, 1000} {
		states = append(states, p.grow(n))
	}
	newest, err := log.Checkpoint(t.Context())
	if err != nil || newest != states[len(states)-1] {
		t.Fatalf("the checkpoint is %v, %v", newest, err)
	}
	for _, older := range states {
		if err := log.CheckGrowth(t.Context(), older, newest); err != nil {
			t.Errorf("from %d to %d: %v", older.Size, newest.Size, err)
		}
		if older.Size == 0 {
			continue
		}
		forged := older
		forged.Root[5] ^= 1
		if err := log.CheckGrowth(t.Context(), forged, newest); !errors.Is(err, logsource.ErrNotGrown) {
			t.Errorf("from another log of %d: %v", older.Size, err)
		}
	}
	if err := log.CheckGrowth(t.Context(), newest, states[2]); !errors.Is(err, logsource.ErrNotGrown) {
		t.Errorf("a log that shrank: %v", err)
	}
}

func TestARewrittenTileIsNotBelieved(t *testing.T) {
	p := publish(t)
	log := p.log()
	older := p.grow(300)
	newer := p.grow(10)
	p.stored[tiles.ID{Level: 0, Index: 1}][0] ^= 1
	if err := log.CheckGrowth(t.Context(), older, newer); err == nil {
		t.Error("a changed tile was believed")
	}
}

func TestOnlyTheOperatorIsBelieved(t *testing.T) {
	p := publish(t)
	p.grow(3)
	log := p.log()
	var err error
	if p.signer, err = checkpoint.NewOperator("example.org/tickets", [32]byte{2}); err != nil {
		t.Fatal(err)
	}
	if got, err := log.Checkpoint(t.Context()); err == nil {
		t.Errorf("somebody else's checkpoint was believed: %v", got)
	}
	log.URL.Path = "/nowhere"
	if _, err := log.Checkpoint(t.Context()); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("no log there: %v", err)
	}
}
