package api

import (
	"compress/gzip"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// minCompressed is the length from which compressing is worth while.
const minCompressed = 1024

// encoded answers 304 where the client has the answer already (writeJSON sets its ETag), and compresses what is worth it.
//
// Answers that hold secrets are not compressed, lest their length tell of them (BREACH): tokens and member codes are
// no-store, and nothing that is no-store is compressed.
func encoded(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		out := &encodedWriter{ResponseWriter: w, request: r}
		next(out, r)
		out.close() // and not after a panic: half an answer must not look whole
	}
}

type encodedWriter struct {
	http.ResponseWriter
	request *http.Request
	begun   bool
	known   bool // the client has it
	gzip    *gzip.Writer
}

var gzips = sync.Pool{New: func() any {
	w, err := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant
	}
	return w
}}

func (w *encodedWriter) WriteHeader(status int) {
	if w.begun {
		return
	}
	w.begun = true
	header := w.Header()
	if status == http.StatusOK && matches(w.request.Header.Get("If-None-Match"), header.Get("ETag")) {
		w.known = true
		header.Del("Content-Length")
		header.Del("Content-Type")
		status = http.StatusNotModified
	} else if status == http.StatusOK && compressible(header) {
		header.Add("Vary", "Accept-Encoding")
		if acceptsGzip(w.request) {
			header.Set("Content-Encoding", "gzip")
			header.Del("Content-Length")
			w.gzip = gzips.Get().(*gzip.Writer)
			w.gzip.Reset(w.ResponseWriter)
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *encodedWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	switch {
	case w.known:
		return len(p), nil
	case w.gzip != nil:
		return w.gzip.Write(p)
	}
	return w.ResponseWriter.Write(p)
}

// FlushError sends what has gathered, in both buffers. http.ResponseController finds it here.
func (w *encodedWriter) FlushError() error {
	if w.gzip != nil {
		if err := w.gzip.Flush(); err != nil {
			return err
		}
	}
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Unwrap lets http.ResponseController reach the connection.
func (w *encodedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *encodedWriter) close() {
	if w.gzip == nil {
		return
	}
	w.gzip.Close() // an error is the connection's, which has gone
	w.gzip.Reset(io.Discard)
	gzips.Put(w.gzip)
}

func compressible(header http.Header) bool {
	kind, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil || kind != "application/json" && kind != "text/csv" {
		return false
	}
	if strings.Contains(header.Get("Cache-Control"), "no-store") {
		return false
	}
	length, err := strconv.Atoi(header.Get("Content-Length"))
	return err != nil || length >= minCompressed
}

// acceptsGzip reads Accept-Encoding; a weight of zero refuses.
func acceptsGzip(r *http.Request) bool {
	for _, accepted := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(strings.ReplaceAll(accepted, " ", ""), ";")
		if name == "gzip" || name == "*" {
			q, err := strconv.ParseFloat(strings.TrimPrefix(weight, "q="), 64)
			return weight == "" || err == nil && q > 0
		}
	}
	return false
}

// matches compares weakly, as If-None-Match is to be (RFC 9110).
func matches(sent, tag string) bool {
	if tag == "" {
		return false
	}
	for _, one := range strings.Split(sent, ",") {
		one = strings.TrimSpace(one)
		if one == "*" || strings.TrimPrefix(one, "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}
