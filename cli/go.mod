module github.com/tillproof/tillproof/cli

go 1.26.0
