// Package membercode makes the codes that members show at tills (see package membercode of the domain), as text and as a
// QR code.
package membercode

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"rsc.io/qr"

	"github.com/tillproof/tillproof/domain/membercode"
)

// Lifetime is how long a code is good: time to reach the till's scanner, and no more.
const Lifetime = 3 * time.Minute

// A Maker makes codes.
type Maker struct {
	key membercode.Key
	now func() time.Time
}

// A Code is good for one redemption until it expires.
type Code struct {
	Text      string
	ExpiresAt time.Time
	QR        string // an SVG image, as a data: URL
}

// NewMaker opens the key in the folder of keys. The collector has the same; whoever comes first makes it.
func NewMaker(folder string, now func() time.Time) (*Maker, error) {
	key, err := openKey(filepath.Join(folder, membercode.KeyFile))
	if err != nil {
		return nil, fmt.Errorf("key of member codes: %w", err)
	}
	return &Maker{key: key, now: now}, nil
}

// New makes a code for a member.
func (m *Maker) New(loyaltyID string) (Code, error) {
	expires := m.now().Add(Lifetime).Truncate(time.Second).UTC()
	var nonce [12]byte
	rand.Read(nonce[:])
	text, err := membercode.Seal(m.key, loyaltyID, expires, nonce)
	if err != nil {
		return Code{}, err
	}
	image, err := draw(text)
	return Code{Text: text, ExpiresAt: expires, QR: image}, err
}

// draw gives the QR code with the quiet zone of four modules that scanners want.
func draw(text string) (string, error) {
	const quiet = 4
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return "", fmt.Errorf("draw a member code: %w", err)
	}
	side := code.Size + 2*quiet
	var svg strings.Builder
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges">`+
		`<rect width="%d" height="%d" fill="#fff"/><path d="`, side, side, side, side)
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				fmt.Fprintf(&svg, "M%d %dh1v1h-1z", x+quiet, y+quiet)
			}
		}
	}
	svg.WriteString(`"/></svg>`)
	return "data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString([]byte(svg.String())), nil
}

// openKey reads the key, or makes it. The file appears whole or not at all.
func openKey(name string) (membercode.Key, error) {
	content, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeKey(name); err != nil && !errors.Is(err, fs.ErrExist) {
			return membercode.Key{}, err
		}
		content, err = os.ReadFile(name)
	}
	if err != nil {
		return membercode.Key{}, err
	}
	if len(content) != len(membercode.Key{}) {
		return membercode.Key{}, fmt.Errorf("%s has %d bytes, it must have %d: restore it from its backup", name, len(content), len(membercode.Key{}))
	}
	return membercode.Key(content), nil
}

func makeKey(name string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(name), ".new-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	content := make([]byte, len(membercode.Key{}))
	rand.Read(content)
	_, err = file.Write(content)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Link(file.Name(), name)
}
