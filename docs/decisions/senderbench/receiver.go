package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	okAnswer = `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`
	lateness = 5 * time.Millisecond
)

// told is what the receiver prints when it listens.
type told struct {
	Plain, Secure string // addresses
	CA            string // file with its certificate
}

// usage is what the receiver has used since its start.
type usage struct {
	CPU         float64 // microseconds
	Requests    int64
	Connections int64 // opened
}

// receiver is the App backend: a process with a net/http server, as most App backends in Go are.
type receiver struct {
	cmd  *exec.Cmd
	in   io.Closer // its end stops the process
	told told
}

func startReceiver(ca string) (*receiver, error) {
	cmd, err := command("receiver", ca)
	if err != nil {
		return nil, err
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	r := &receiver{cmd: cmd, in: in}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		r.stop()
		return nil, fmt.Errorf("start the receiver: %w", err)
	}
	return r, json.Unmarshal(line, &r.told)
}

func (r *receiver) stop() {
	_ = r.in.Close()
	_ = r.cmd.Wait()
}

// usage asks the receiver, over a connection that counts itself.
func (t told) usage() (usage, error) {
	var u usage
	answer, err := http.Get("http://" + t.Plain + "/usage")
	if err != nil {
		return u, err
	}
	defer answer.Body.Close()
	return u, json.NewDecoder(answer.Body).Decode(&u)
}

// receive is the process.
func receive(order string) error {
	var ca string
	if err := json.Unmarshal([]byte(order), &ca); err != nil {
		return err
	}
	pair, err := certificate(ca)
	if err != nil {
		return err
	}
	var requests, connections atomic.Int64
	callback := func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return
		}
		requests.Add(1)
		_, _ = io.WriteString(w, okAnswer)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/callback", callback)
	mux.HandleFunc("/late", func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(lateness)
		callback(w, r)
	})
	mux.HandleFunc("/usage", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "close")
		_ = json.NewEncoder(w).Encode(usage{cpuTime(), requests.Load(), connections.Load()})
	})
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{
		Handler: mux, Protocols: protocols, TLSConfig: &tls.Config{Certificates: []tls.Certificate{pair}},
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				connections.Add(1)
			}
		},
	}
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	secure, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go func() { _ = server.Serve(plain) }()
	go func() { _ = server.ServeTLS(secure, "", "") }()
	if err := json.NewEncoder(os.Stdout).Encode(told{plain.Addr().String(), secure.Addr().String(), ca}); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// certificate makes one for loopback that is its own authority, and writes it to the file.
func certificate(file string) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "receiver"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, os.WriteFile(file, text, 0o600)
}

// cpuTime is what this process has used, in microseconds.
func cpuTime() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return float64(u.Utime.Sec+u.Stime.Sec)*1e6 + float64(u.Utime.Usec+u.Stime.Usec)
}
