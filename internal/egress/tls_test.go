package egress

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// authority signs certificates for one test; its files are in dir.
type authority struct {
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{dir: t.TempDir()}
	a.key, a.cert = a.issue(t, "ca", true)
	return a
}

func (a *authority) file(name string) string { return filepath.Join(a.dir, name+".pem") }

// issue writes name.pem and name-key.pem, for 127.0.0.1 and app.example.
func (a *authority) issue(t *testing.T, name string, isCA bool) (*ecdsa.PrivateKey, *x509.Certificate) {
	t.Helper()
	return a.issueFrom(t, name, isCA, time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
}

// issueFrom does it for a time.
func (a *authority) issueFrom(t *testing.T, name string, isCA bool, from, to time.Time) (*ecdsa.PrivateKey, *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: from, NotAfter: to,
		DNSNames: []string{"app.example"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: isCA, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	parent, signer := template, key
	if !isCA {
		parent, signer = a.cert, a.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	writePEM(t, a.file(name), "CERTIFICATE", der)
	writePEM(t, a.file(name+"-key"), "PRIVATE KEY", pkcs8)
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return key, cert
}

func writePEM(t *testing.T, name, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// serve starts a server with a certificate of a, that asks for client certificates of a if mutual.
func (a *authority) serve(t *testing.T, mutual bool) *httptest.Server {
	t.Helper()
	a.issue(t, "server", false)
	pair, err := tls.LoadX509KeyPair(a.file("server"), a.file("server-key"))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 1 {
			w.WriteHeader(http.StatusHTTPVersionNotSupported)
		}
	}))
	server.Config.ErrorLog = discardLog
	server.EnableHTTP2 = true
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	if mutual {
		server.TLS.ClientAuth = tls.RequireAndVerifyClientCert
		server.TLS.ClientCAs = x509.NewCertPool()
		server.TLS.ClientCAs.AddCert(a.cert)
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

func TestTLSVerifiesTheServerAndShowsTheClientsCertificate(t *testing.T) {
	a, other := newAuthority(t), newAuthority(t)
	plain, mutual := a.serve(t, false), a.serve(t, true)
	a.issue(t, "client", false)
	other.issue(t, "client", false)
	withClient := func(by *authority) TLSFiles {
		return TLSFiles{CA: a.file("ca"), Certificate: by.file("client"), Key: by.file("client-key")}
	}
	byName := func(server *httptest.Server, name string) string {
		return strings.Replace(server.URL, "127.0.0.1", name, 1)
	}
	tests := []struct {
		name, url string
		files     TLSFiles
		want      Failure
		text      string
	}{
		{"own CA", plain.URL, TLSFiles{CA: a.file("ca")}, None, ""},
		{"own CA, by name", byName(plain, "app.example"), TLSFiles{CA: a.file("ca")}, None, ""},
		{"name with root dot", byName(plain, "app.example."), TLSFiles{CA: a.file("ca")}, None, ""},
		{"certificate of another name", byName(plain, "wrong.example"), TLSFiles{CA: a.file("ca")}, TLS, "wrong.example"},
		{"roots of the system", plain.URL, TLSFiles{}, TLS, "unknown authority"},
		{"another CA", plain.URL, TLSFiles{CA: other.file("ca")}, TLS, "unknown authority"},
		{"plain HTTP at the port", strings.Replace(httpServer(t), "http:", "https:", 1), TLSFiles{}, TLS, "tls"},
		{"client certificate", mutual.URL, withClient(a), None, ""},
		{"client certificate missing", mutual.URL, TLSFiles{CA: a.file("ca")}, TLS, "certificate required"},
		{"client certificate of another CA", mutual.URL, withClient(other), TLS, "tls"},
		{"no such file", plain.URL, TLSFiles{CA: a.file("missing")}, TLS, "tls ca"},
		{"certificate without key", plain.URL, TLSFiles{Certificate: a.file("client")}, TLS, "together"},
		{"key of another certificate", plain.URL, TLSFiles{Certificate: a.file("client"), Key: a.file("ca-key")}, TLS, "private key"},
		{"no PEM in the CA file", plain.URL, TLSFiles{CA: a.file("ca-key")}, TLS, "no PEM certificate"},
		{"files without meaning for http", httpServer(t), TLSFiles{CA: a.file("missing")}, None, ""},
	}
	names := map[string]string{"app.example": "127.0.0.1", "wrong.example": "127.0.0.1"}
	sender := newTestSender(t, Options{Resolver: resolveTo(t, names)})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for range 2 { // on the way to a kept connection and back
				answer := sender.Send(t.Context(), Request{URL: tt.url, Body: []byte("{}"), Timeout: patience, TLS: tt.files})
				if answer.Failure != tt.want || answer.Failure == None && answer.Status != 200 {
					t.Fatalf("got %v, status %d, %v; want %v", answer.Failure, answer.Status, answer.Err, tt.want)
				}
				if answer.Err != nil && !strings.Contains(answer.Err.Error(), tt.text) {
					t.Errorf("error: got %q, want it to contain %q", answer.Err, tt.text)
				}
			}
		})
	}
}

func httpServer(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(server.Close)
	return server.URL
}

// A connection with one client certificate must never carry the callbacks of an App that has none.
func TestConnectionsAreNotSharedBetweenTLSFiles(t *testing.T) {
	a := newAuthority(t)
	mutual := a.serve(t, true)
	a.issue(t, "client", false)
	sender := newTestSender(t, Options{})
	request := Request{URL: mutual.URL, Timeout: patience, TLS: TLSFiles{CA: a.file("ca"), Certificate: a.file("client"), Key: a.file("client-key")}}
	if answer := sender.Send(t.Context(), request); answer.Failure != None {
		t.Fatalf("with certificate: got %+v", answer)
	}
	request.TLS = TLSFiles{CA: a.file("ca")}
	if answer := sender.Send(t.Context(), request); answer.Failure != TLS {
		t.Errorf("without certificate: got %v, want tls", answer.Failure)
	}
}

func TestChangedTLSFilesAreLoadedWithoutRestart(t *testing.T) {
	a := newAuthority(t)
	files := TLSFiles{CA: a.file("ca"), Certificate: a.file("client"), Key: a.file("client-key")}
	a.issue(t, "client", false)
	cache, now := newTLSCache(), time.Now()
	get := func(after time.Duration) *tlsSetup {
		t.Helper()
		setup, err := cache.get(files, now.Add(after))
		if err != nil {
			t.Fatal(err)
		}
		return setup
	}
	first := get(0)
	if got := get(2 * time.Second); got != first {
		t.Error("unchanged files were loaded again")
	}
	if err := os.WriteFile(files.Key, []byte("half a key"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := get(4 * time.Second); got != first {
		t.Error("files that do not fit replaced those that do")
	}
	a.issue(t, "client", false)
	if err := os.Chtimes(files.Key, now, now.Add(time.Hour)); err != nil { // whatever the clock of the file system
		t.Fatal(err)
	}
	if got := get(4*time.Second + tlsCheckEvery/2); got != first {
		t.Error("files were looked at twice within a second")
	}
	second := get(6 * time.Second)
	if second.id == first.id || string(second.config.Certificates[0].Certificate[0]) == string(first.config.Certificates[0].Certificate[0]) {
		t.Error("the changed certificate was not loaded")
	}
}

func TestNumberOfTLSConfigurationsIsBounded(t *testing.T) {
	cache, now := newTLSCache(), time.Now()
	for i := range maxTLSConfigs + 10 {
		files := TLSFiles{CA: strings.Repeat("x", i+1)}
		cache.store(files, &tlsSetup{config: newTLSConfig(1)}, now.Add(time.Duration(i)))
	}
	if got := len(cache.entries); got != maxTLSConfigs {
		t.Errorf("got %d configurations, want %d", got, maxTLSConfigs)
	}
	if cache.entries[TLSFiles{CA: "x"}] != nil {
		t.Error("the one that was not used for the longest time is still there")
	}
}

func TestTLSFilesAreLimitedInSize(t *testing.T) {
	name := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(name, make([]byte, maxTLSFile+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := (TLSFiles{CA: name}).Check(); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("got %v, want the limit", err)
	}
}

// discardLog keeps the handshakes that tests let fail out of their output.
var discardLog = log.New(io.Discard, "", 0)
