module github.com/tillproof/tillproof/query-server

go 1.26.0
