package egress

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
)

// maxTLSFile is the largest TLS file that is read, in bytes. The bundle of all public roots has a fifth of it.
const maxTLSFile = 1 << 20

// TLSFiles names PEM files for TLS to one App backend. The zero value means the roots of the system and no client
// certificate. Values are comparable: equal ones share connections, different ones never do.
type TLSFiles struct {
	// CA holds the certificates that may sign the server's, instead of the roots of the system.
	CA string
	// Certificate and Key are the client's certificate, leaf first, and its private key; both or neither.
	Certificate, Key string
}

// Check loads the files and returns what is wrong with them, naming the field and the file. It is meant for checking a
// config; [Sender.Send] loads by itself.
func (f TLSFiles) Check() error {
	_, err := f.load()
	return err
}

// load makes a configuration. Nothing in it weakens verification, and nothing later changes it.
func (f TLSFiles) load() (*tls.Config, error) {
	config := newTLSConfig(ownSessions)
	if f.CA != "" {
		pem, err := readFile("ca", f.CA)
		if err != nil {
			return nil, err
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("tls ca %s: no PEM certificate in the file", f.CA)
		}
	}
	if f.Certificate == "" && f.Key == "" {
		return config, nil
	}
	if f.Certificate == "" || f.Key == "" {
		return nil, errors.New("tls certificate and tls key must be set together")
	}
	pair, err := f.loadPair()
	if err != nil {
		return nil, err
	}
	config.Certificates = []tls.Certificate{pair}
	return config, nil
}

func (f TLSFiles) loadPair() (tls.Certificate, error) {
	certificate, err := readFile("certificate", f.Certificate)
	if err != nil {
		return tls.Certificate{}, err
	}
	key, err := readFile("key", f.Key)
	if err != nil {
		return tls.Certificate{}, err
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("tls certificate %s with key %s: %w", f.Certificate, f.Key, err)
	}
	return pair, nil
}

func readFile(field, name string) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("tls %s: %w", field, err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxTLSFile+1))
	if err != nil {
		return nil, fmt.Errorf("tls %s: %w", field, err)
	}
	if len(data) > maxTLSFile {
		return nil, fmt.Errorf("tls %s %s: larger than %d bytes", field, name, maxTLSFile)
	}
	return data, nil
}

// Sessions kept for resumption: for all hosts with the roots of the system, and for the few hosts of one TLSFiles.
const (
	systemSessions = 1024
	ownSessions    = 8
)

func newTLSConfig(sessions int) *tls.Config {
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		NextProtos:         []string{"http/1.1"},
		ClientSessionCache: tls.NewLRUClientSessionCache(sessions),
	}
}

// stamps tell whether the files changed since they were loaded.
type stamps [3]os.FileInfo

func (f TLSFiles) stamps() stamps {
	var all stamps
	for i, name := range []string{f.CA, f.Certificate, f.Key} {
		if name == "" {
			continue
		}
		if info, err := os.Stat(name); err == nil {
			all[i] = info // a file that is missing has no stamp; loading it explains
		}
	}
	return all
}

func (s stamps) equal(other stamps) bool {
	for i, a := range s {
		b := other[i]
		if a == nil && b == nil {
			continue
		}
		if a == nil || b == nil || !os.SameFile(a, b) || !a.ModTime().Equal(b.ModTime()) || a.Size() != b.Size() {
			return false
		}
	}
	return true
}
