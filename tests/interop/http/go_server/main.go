// Go's net/http as a peer of our client: go_server CERTIFICATE KEY. HTTP/2 and HTTP/1.1; runs until its input closes.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
)

func pattern(size int) []byte {
	text := make([]byte, size)
	for i := range text {
		text[i] = byte(i*7 + i/251)
	}
	return text
}

func main() {
	handlers := http.NewServeMux()
	handlers.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		w.Write(body)
	})
	handlers.HandleFunc("/bytes", func(w http.ResponseWriter, r *http.Request) { w.Write(pattern(50000)) })
	handlers.HandleFunc("/trailers", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Trailer", "X-Sum")
		io.WriteString(w, "body")
		w.Header().Set("X-Sum", "42")
	})
	handlers.HandleFunc("/hints", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</style.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		io.WriteString(w, "after the hints")
	})
	handlers.HandleFunc("/abort", func(w http.ResponseWriter, r *http.Request) {
		w.Write(pattern(50000))
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Printf("port %d\n", listener.Addr().(*net.TCPAddr).Port)
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	server := http.Server{Handler: handlers}
	fmt.Fprintln(os.Stderr, server.ServeTLS(listener, os.Args[1], os.Args[2]))
	os.Exit(1)
}
