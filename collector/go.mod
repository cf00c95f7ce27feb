module github.com/tillproof/tillproof/collector

go 1.26.0
