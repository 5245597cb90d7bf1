// quic-go as an HTTP/3 server and client, with the command line of quic_peer.cc. What it cannot do ends with 127.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
)

var (
	address, cert, key, www, ca, out                             string
	port                                                         int
	retry, early, resume, v2, chacha20, keyUpdate, migrate, each bool
	failed, resumed                                              atomic.Int64
)

func quicConfig(server bool) *quic.Config {
	config := &quic.Config{Allow0RTT: early, HandshakeIdleTimeout: 30 * time.Second}
	if v2 && !server {
		config.Versions = []quic.Version{quic.Version2} // its HTTP/3 client takes one only
	} else if v2 {
		config.Versions = []quic.Version{quic.Version2, quic.Version1}
	}
	return config
}

func serve() error {
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return err
	}
	socket, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.ParseIP(address)})
	if err != nil {
		return err
	}
	transport := &quic.Transport{Conn: socket, VerifySourceAddress: func(net.Addr) bool { return retry }}
	config := http3.ConfigureTLSConfig(&tls.Config{Certificates: []tls.Certificate{pair}, VerifyConnection: func(s tls.ConnectionState) error {
		if s.DidResume {
			resumed.Add(1)
		}
		return nil
	}})
	listener, err := transport.ListenEarly(config, quicConfig(true))
	if err != nil {
		return err
	}
	fmt.Println("port", socket.LocalAddr().(*net.UDPAddr).Port)
	server := &http3.Server{Handler: http.FileServer(http.Dir(www))}
	go server.ServeListener(listener)
	io.Copy(io.Discard, os.Stdin)
	return nil
}

func session(tlsConfig *tls.Config, paths []string) {
	transport := &http3.Transport{TLSClientConfig: tlsConfig, QUICConfig: quicConfig(false), Dial: http3Dial}
	var all sync.WaitGroup
	slots := make(chan struct{}, 100)
	for _, path := range paths {
		all.Add(1)
		go func() {
			defer all.Done()
			slots <- struct{}{}
			defer func() { <-slots }()
			method := http.MethodGet
			if early {
				method = http3.MethodGet0RTT
			}
			request, _ := http.NewRequest(method, fmt.Sprintf("https://localhost:%d/%s", port, path), nil)
			response, err := transport.RoundTrip(request)
			if err == nil {
				var body []byte
				body, err = io.ReadAll(response.Body)
				if err == nil && response.StatusCode == 200 {
					err = os.WriteFile(filepath.Join(out, path), body, 0o600)
				}
			}
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				failed.Add(1)
			}
		}()
	}
	all.Wait()
	if resume || early {
		time.Sleep(300 * time.Millisecond) // the ticket comes after the answer, and nothing tells of it
	}
	transport.Close()
}

func ask(paths []string) error {
	roots := x509.NewCertPool()
	pem, err := os.ReadFile(ca)
	if err != nil {
		return err
	}
	roots.AppendCertsFromPEM(pem)
	config := &tls.Config{RootCAs: roots, ServerName: "localhost", ClientSessionCache: tls.NewLRUClientSessionCache(10),
		VerifyConnection: func(s tls.ConnectionState) error {
			if s.DidResume {
				resumed.Add(1)
			}
			return nil
		}}
	switch {
	case each:
		for _, path := range paths {
			config.ClientSessionCache = nil
			session(config.Clone(), []string{path})
		}
	case resume || early:
		session(config, paths[:1])
		session(config, paths[1:])
	default:
		session(config, paths)
	}
	return nil
}

func main() {
	role := os.Args[1]
	flags := flag.NewFlagSet("go_peer", flag.ExitOnError)
	for name, text := range map[string]*string{"address": &address, "cert": &cert, "key": &key, "www": &www, "ca": &ca, "out": &out} {
		flags.StringVar(text, name, "", "")
	}
	flags.IntVar(&port, "port", 0, "")
	for name, on := range map[string]*bool{"retry": &retry, "early": &early, "resume": &resume, "v2": &v2, "chacha20": &chacha20,
		"key-update": &keyUpdate, "migrate": &migrate, "each": &each} {
		flags.BoolVar(on, name, false, "")
	}
	flags.Parse(os.Args[2:])
	// Go chooses the suite itself and quic-go when to change keys; a path of a client would need another socket.
	if chacha20 || keyUpdate || migrate || (address != "" && net.ParseIP(address) == nil) {
		os.Exit(127)
	}
	var err error
	if role == "server" {
		err = serve()
	} else {
		if address == "" {
			address = "127.0.0.1"
		}
		resolve(address)
		err = ask(flags.Args())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		failed.Add(1)
	}
	json.NewEncoder(os.Stdout).Encode(map[string]int64{"failed": failed.Load(), "resumed": resumed.Load()})
	if failed.Load() > 0 {
		os.Exit(1)
	}
}

// resolve makes "localhost" mean that address: the machine's may be another family's.
func resolve(address string) {
	http3Dial = func(ctx context.Context, _ string, tlsConfig *tls.Config, config *quic.Config) (*quic.Conn, error) {
		return quic.DialAddrEarly(ctx, net.JoinHostPort(address, fmt.Sprint(port)), tlsConfig, config)
	}
}

var http3Dial func(context.Context, string, *tls.Config, *quic.Config) (*quic.Conn, error)
