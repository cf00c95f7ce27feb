module github.com/tillproof/tillproof/domain

go 1.26.0
