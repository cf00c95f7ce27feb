module github.com/tillproof/tillproof/cli

go 1.26.0

require (
	golang.org/x/mod v0.42.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
)

require (
	github.com/go-json-experiment/json v0.0.0-20260820222146-c27c302e5fc3
	github.com/google/uuid v1.6.0
	github.com/klauspost/compress v1.20.3
	github.com/tillproof/tillproof/domain v0.0.0
	golang.org/x/term v0.47.0
)

replace github.com/tillproof/tillproof/domain => ../domain
