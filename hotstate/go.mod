module github.com/tillproof/tillproof/hotstate

go 1.26.0
