package audit

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/tillproof/tillproof/domain/tiles"
)

// Published is the log as a query server publishes it (C2SP tlog-tiles).
type Published struct {
	URL  string
	HTTP *http.Client
}

// maxAnswer bounds an answer: 256 entries of at most 64 KiB.
const maxAnswer = tiles.Width * (64 << 10)

// errMissing says that the server has no such thing.
var errMissing = errors.New("not found")

// Checkpoint gives the newest signed checkpoint.
func (p Published) Checkpoint(ctx context.Context) (string, error) {
	text, err := p.get(ctx, "/v1/log/checkpoint")
	return string(text), err
}

// Hashes gives the first hashes of a tile of leaf hashes; nil if they are not there.
func (p Published) Hashes(ctx context.Context, tile int64, width int) ([]tlog.Hash, error) {
	path := tiles.Path{ID: tiles.ID{Level: 0, Index: tile}, Partial: width}
	joined, err := p.get(ctx, "/v1/log/tile/"+path.String())
	if errors.Is(err, errMissing) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if len(joined) != width*tlog.HashSize {
		return nil, fmt.Errorf("tile %s has %d bytes", path, len(joined))
	}
	hashes := make([]tlog.Hash, width)
	for i := range hashes {
		hashes[i] = tlog.Hash(joined[i*tlog.HashSize:])
	}
	return hashes, nil
}

// Entries gives the first entries of a bundle; nil if they are not there.
func (p Published) Entries(ctx context.Context, tile int64, width int) ([][]byte, error) {
	path := tiles.Path{ID: tiles.ID{Level: tiles.Entries, Index: tile}, Partial: width}
	bundle, err := p.get(ctx, "/v1/log/tile/"+path.String())
	if errors.Is(err, errMissing) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for len(bundle) >= 2 {
		length := int(binary.BigEndian.Uint16(bundle))
		if len(bundle) < 2+length {
			break
		}
		entries, bundle = append(entries, bundle[2:2+length]), bundle[2+length:]
	}
	if len(entries) != width || len(bundle) > 0 {
		return nil, fmt.Errorf("entries %s are cut short", path)
	}
	return entries, nil
}

func (p Published) get(ctx context.Context, path string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(p.URL, "/")+path, nil)
	if err != nil {
		return nil, err
	}
	response, err := p.HTTP.Do(request)
	if err != nil {
		return nil, fmt.Errorf("ask the log: %w", err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("ask the log: %w", err)
	}
	switch response.StatusCode {
	case http.StatusOK:
		return body, nil
	case http.StatusNotFound:
		return nil, fmt.Errorf("%s: %w", path, errMissing)
	}
	return nil, fmt.Errorf("the log answers %s to %s", response.Status, path)
}
