module github.com/tillproof/tillproof/rates

go 1.26.0

require (
	github.com/tillproof/tillproof/domain v0.0.0
	golang.org/x/sync v0.24.0
)

replace github.com/tillproof/tillproof/domain => ../domain
