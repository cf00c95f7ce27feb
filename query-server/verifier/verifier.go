// Package verifier serves the page at /verify, on which anybody verifies a proof bundle in their own browser: the page
// loads the verifier as WebAssembly, and then needs no server. What it verifies by is shown and can be changed, since keys
// that come from this server prove nothing to who does not trust it.
package verifier

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

//go:embed static
var static embed.FS

// policy is that of the other pages, and lets WebAssembly be compiled, here alone.
const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Files of the folder that the handler is given, made when the programs are built.
const (
	programFile = "verify.wasm"
	supportFile = "wasm_exec.js" // Go's own
	pinsFile    = "pins.json"    // what to offer as known beforehand; package domain/verifier has its form
)

// A Handler answers under /verify, and leaves everything else to others.
type Handler struct {
	dir     string
	others  http.Handler
	program func() (*program, error)
}

// New makes a handler for the verifier in the folder; "": there is none, and the page says so.
func New(dir string, others http.Handler) *Handler {
	return &Handler{dir: dir, others: others, program: sync.OnceValues(func() (*program, error) { return load(dir) })}
}

func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, ours := strings.CutPrefix(r.URL.Path, "/verify")
	if !ours || name != "" && name[0] != '/' {
		h.others.ServeHTTP(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "This address is for reading only.", http.StatusMethodNotAllowed)
		return
	}
	header := w.Header()
	header.Set("Content-Security-Policy", policy)
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-cache")
	switch name {
	case "":
		http.ServeFileFS(w, r, static, "static/verify.html")
	case "/verify.js":
		http.ServeFileFS(w, r, static, "static/verify.js")
	case "/" + supportFile:
		h.serveFile(w, r, supportFile)
	case "/" + programFile:
		h.serveProgram(w, r)
	case "/" + pinsFile:
		h.servePins(w, r)
	default:
		http.Error(w, "There is no such page. Start at /verify.", http.StatusNotFound)
	}
}

func (h *Handler) serveFile(w http.ResponseWriter, r *http.Request, name string) {
	if _, err := os.Stat(filepath.Join(h.dir, name)); h.dir == "" || err != nil {
		notBuilt(w)
		return
	}
	http.ServeFile(w, r, filepath.Join(h.dir, name))
}

// servePins answers with nothing known where nothing is.
func (h *Handler) servePins(w http.ResponseWriter, _ *http.Request) {
	pins, err := os.ReadFile(filepath.Join(h.dir, pinsFile))
	if h.dir == "" || errors.Is(err, fs.ErrNotExist) {
		pins, err = []byte("{}"), nil
	}
	if err != nil {
		http.Error(w, "What to verify by cannot be read here. Enter it yourself.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(pins)
}

// A program is the verifier, as it is and as it travels.
type program struct {
	plain, packed []byte
	tag           string
}

// load reads and packs the program when it is first asked for: most who come to this server never do.
func load(dir string) (*program, error) {
	if dir == "" {
		return nil, fs.ErrNotExist
	}
	plain, err := os.ReadFile(filepath.Join(dir, programFile))
	if err != nil {
		return nil, fmt.Errorf("read the verifier: %w", err)
	}
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	if _, err := writer.Write(plain); err != nil {
		return nil, fmt.Errorf("pack the verifier: %w", err)
	}
	if err := writer.Close(); err != nil {
		return nil, fmt.Errorf("pack the verifier: %w", err)
	}
	sum := sha256.Sum256(plain)
	return &program{plain, packed.Bytes(), `"` + hex.EncodeToString(sum[:8]) + `"`}, nil
}

func (h *Handler) serveProgram(w http.ResponseWriter, r *http.Request) {
	p, err := h.program()
	if err != nil {
		notBuilt(w)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "application/wasm")
	header.Set("Vary", "Accept-Encoding")
	header.Set("ETag", p.tag)
	if r.Header.Get("If-None-Match") == p.tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	content := p.plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		header.Set("Content-Encoding", "gzip")
		content = p.packed
	}
	header.Set("Content-Length", strconv.Itoa(len(content))) // browsers show how far it has come
	w.Write(content)
}

func notBuilt(w http.ResponseWriter) {
	http.Error(w, "The verifier for browsers is not here: scripts/up builds it, and VERIFIER_DIR says where it is. tillproof verify does the same.", http.StatusNotFound)
}
