module io-peer

go 1.22
