//go:build unix

package acceptance

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/callboard/callboard/liveapi"
)

// tlsLine names the files of the certificate, relative to the folder of the process.
const tlsLine = "tls: {certificate: server.crt, key: server.key}"

func TestRESTIsServedOverTLS(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	pool := s.writeCertificate(t, 1)
	s.configure(t, setup{top: []string{tlsLine}})
	p := s.serve(t)
	c, err := liveapi.NewClient(liveapi.Options{
		BaseURL: "https://" + p.address, SDKAppID: sdkAppID, Identifier: administrator, UserSig: s.sign(t, adminClaims()),
		HTTPClient: httpClient(t, &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}),
	})
	if err != nil {
		t.Fatal(err)
	}
	createRoom(t, c, "r1")

	resp, err := httpClient(t, nil).Get("http://" + p.address + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusBadRequest {
		t.Errorf("plain HTTP is answered %d, want 400", resp.StatusCode)
	}
	old := &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	if conn, err := tls.Dial("tcp", p.address, old); err == nil {
		_ = conn.Close()
		t.Error("TLS 1.1 was taken")
	}
	wantNoSecret(t, p, s.secrets()...)
}

func TestChangedCertificateIsServedWithoutARestart(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	pool := s.writeCertificate(t, 1)
	s.configure(t, setup{top: []string{tlsLine}})
	p := s.serve(t)
	if got := serial(t, p, pool); got != 1 {
		t.Fatalf("certificate %d is served, want 1", got)
	}
	// A pair that is none leaves the old one in use, and is told of.
	s.write(t, "server.crt", "no certificate\n")
	eventually(t, "the bad certificate is told of", func() bool {
		if got := serial(t, p, pool); got != 1 {
			t.Fatalf("certificate %d is served, want 1", got)
		}
		return p.stderr.contains("the old one stays")
	})
	pool = s.writeCertificate(t, 2)
	eventually(t, "the new certificate is served", func() bool { return serial(t, p, pool) == 2 })
}

func TestCertificateThatCannotBeUsedIsRefusedAtTheStart(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.configure(t, setup{top: []string{tlsLine}})
	s.refuses(t, nil, "tls:", "server.crt", "no such file")
	s.writeCertificate(t, 1)
	s.write(t, "server.key", "no key\n")
	s.refuses(t, nil, "tls:", "server.crt and server.key")
}

// serial makes a handshake and returns the number of the certificate, 0 when the handshake failed.
func serial(t *testing.T, p *process, pool *x509.CertPool) int64 {
	t.Helper()
	dialer := &tls.Dialer{NetDialer: &net.Dialer{Timeout: patience}, Config: &tls.Config{RootCAs: pool}}
	conn, err := dialer.DialContext(t.Context(), "tcp", p.address)
	if err != nil {
		return 0
	}
	defer conn.Close()
	secure, ok := conn.(*tls.Conn)
	if !ok {
		t.Fatalf("the dialer returned a %T", conn)
	}
	return secure.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
}

// writeCertificate makes a certificate for 127.0.0.1 that signs itself, and returns the pool that trusts it.
func (s *site) writeCertificate(t *testing.T, number int64) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(number), Subject: pkix.Name{CommonName: "callboard"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	s.write(t, "server.key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})))
	s.write(t, "server.crt", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	pool := x509.NewCertPool()
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool.AddCert(leaf)
	return pool
}
