// Package page is the web page at /: one HTML file, one style sheet and a few small scripts, embedded as they are. It
// knows nothing that the API does not tell it.
package page

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/tillproof/tillproof/domain/currency"
)

//go:embed static
var static embed.FS

// policy lets the page load and ask its own server only, and run no script that stands in the HTML.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

type file struct {
	kind, tag string
	content   []byte
}

// Handler serves the page and its files.
func Handler() (http.Handler, error) {
	files, err := load()
	if err != nil {
		return nil, fmt.Errorf("load the page: %w", err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/")
		if name == "" {
			name = "index.html"
		}
		f, found := files[name]
		switch {
		case !found:
			http.Error(w, "There is no such page. Start at /.", http.StatusNotFound)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "This address is for reading only.", http.StatusMethodNotAllowed)
		default:
			serve(w, r, f)
		}
	}), nil
}

func serve(w http.ResponseWriter, r *http.Request, f file) {
	header := w.Header()
	header.Set("Content-Security-Policy", policy)
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-cache") // ask again, and hear 304 while nothing changed
	header.Set("ETag", f.tag)
	header.Set("Content-Type", f.kind)
	if r.Header.Get("If-None-Match") == f.tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Write(f.content)
}

func load() (map[string]file, error) {
	files := map[string]file{}
	err := fs.WalkDir(static, "static", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := static.ReadFile(name)
		if err != nil {
			return err
		}
		files[strings.TrimPrefix(name, "static/")] = newFile(name, content)
		return nil
	})
	if err != nil {
		return nil, err
	}
	digits, err := minorDigits()
	if err != nil {
		return nil, err
	}
	files["currencies.js"] = newFile("currencies.js", digits)
	return files, nil
}

func newFile(name string, content []byte) file {
	sum := sha256.Sum256(content)
	return file{kind: mime.TypeByExtension(path.Ext(name)), tag: `"` + hex.EncodeToString(sum[:8]) + `"`, content: content}
}

// minorDigits tells the scripts how many decimals an amount in minor units has, where it is not two, from the one table
// there is. That table has no list of its codes, so every possible code is asked for, once.
func minorDigits() ([]byte, error) {
	unusual := map[string]int{}
	for code := 0; code < 26*26*26; code++ {
		text := string([]byte{'A' + byte(code/676), 'A' + byte(code/26%26), 'A' + byte(code%26)})
		if digits, known := currency.MinorDigits(text); known && digits != 2 {
			unusual[text] = digits
		}
	}
	encoded, err := json.Marshal(unusual)
	if err != nil {
		return nil, err
	}
	return bytes.Join([][]byte{[]byte("// Decimals of the minor unit (ISO 4217), where they are not two.\nexport default "), encoded, []byte(";\n")}, nil), nil
}
