module github.com/tillproof/tillproof/chaincode

go 1.26.0
