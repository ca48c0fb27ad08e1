package server

import (
	"errors"
	"fmt"
	"os"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/config"
	"github.com/callboard/callboard/internal/egress"
	"github.com/callboard/callboard/internal/live"
)

// Check holds the rules of those whom the settings are for: the form of the database's URL, the files of TLS, the
// addresses that may be called, and what the REST API would take. It is meant for [config.Options], so that
// "config check" refuses what a start would refuse. It reads the files of TLS and those that the database's URL names,
// resolves no name and starts nothing.
func Check(cfg *config.Config) []config.Finding {
	var found findings
	found.add("database", checkDatabase(cfg.Database))
	if cfg.TLS.Certificate != "" {
		found.add("tls", (&certificate{files: cfg.TLS}).load())
	}
	guard := newGuard(cfg)
	for i := range cfg.Apps {
		found.checkApp(fmt.Sprintf("apps[%d]", i), &cfg.Apps[i], guard)
	}
	return found
}

// check is Check as one error, for a config that did not come from a file.
func check(cfg *config.Config) error {
	var all []error
	for _, f := range Check(cfg) {
		all = append(all, fmt.Errorf("%s: %w", f.Key, f.Err))
	}
	return errors.Join(all...)
}

func newGuard(cfg *config.Config) *egress.Guard {
	return egress.NewGuard(egress.GuardOptions{
		Loopback: config.Loopback(cfg.Listen), Allow: cfg.Egress.Allow, Deny: cfg.Egress.Deny,
	})
}

type findings []config.Finding

func (f *findings) add(key string, err error) {
	if err != nil {
		*f = append(*f, config.Finding{Key: key, Err: err})
	}
}

func (f *findings) checkApp(key string, section *config.App, guard *egress.Guard) {
	if err := (live.ConfigureApp{App: *appFromConfig(section)}).Check(); err != nil {
		f.add(key, err)
		return
	}
	if c := section.Callback; c != nil {
		f.checkDestination(key+".callback", c.URL, c.TLS, guard)
		f.add(key+".callback.signing_secrets", checkSecrets(c.SigningSecrets))
	}
	for i := range section.Endpoints {
		e, key := &section.Endpoints[i], fmt.Sprintf("%s.endpoints[%d]", key, i)
		f.checkDestination(key, e.URL, e.TLS, guard)
		f.add(key+".signing_secrets", checkSecrets(e.SigningSecrets))
	}
}

func (f *findings) checkDestination(key, url string, tls config.CallbackTLS, guard *egress.Guard) {
	if url != "" { // as a callback may be that is for endpoints only
		f.add(key+".url", guard.CheckURL(url))
	}
	err := checkRegular(tls.CA, tls.Certificate, tls.Key)
	if err == nil {
		err = egress.TLSFiles(tls).Check()
	}
	f.add(key+".tls", err)
}

// checkSecrets refuses what could not sign, for a config that did not come from a file.
func checkSecrets(secrets []config.Secret) error {
	if len(secrets) == 0 {
		return nil
	}
	_, err := callback.NewSigner(revealed(secrets)...)
	return err
}

// checkRegular refuses files that may never end, or never begin, to be read. Whether they are there is for the reader.
func checkRegular(names ...string) error {
	for _, name := range names {
		if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
			return fmt.Errorf("%s is not a regular file; a folder, device or FIFO is not read", name)
		}
	}
	return nil
}
