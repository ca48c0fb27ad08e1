package server

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/callboard/callboard/internal/config"
)

// certificate is the server's own, read again when its files change: at most once a second, at a handshake.
type certificate struct {
	files config.TLS
	log   *slog.Logger

	mu     sync.Mutex
	loaded *tls.Certificate
	stamp  [2]time.Time // of the two files as loaded
	asked  time.Time
	told   told // why new files cannot be used
}

// load reads the files and keeps them if they are a pair.
func (c *certificate) load() error {
	stamp, err := c.stamps()
	if err != nil {
		return err
	}
	if err := checkRegular(c.files.Certificate, c.files.Key); err != nil {
		return err
	}
	pair, err := tls.LoadX509KeyPair(c.files.Certificate, c.files.Key)
	if err != nil {
		return fmt.Errorf("load %s and %s: %w", c.files.Certificate, c.files.Key, err)
	}
	c.loaded, c.stamp = &pair, stamp
	return nil
}

func (c *certificate) stamps() (stamps [2]time.Time, err error) {
	for i, name := range []string{c.files.Certificate, c.files.Key} {
		info, err := os.Stat(name)
		if err != nil {
			return stamps, err
		}
		stamps[i] = info.ModTime()
	}
	return stamps, nil
}

// get returns the certificate of a handshake. New files that cannot be used leave the old ones in use.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := time.Now(); now.Sub(c.asked) >= time.Second {
		c.asked = now
		c.reload()
	}
	return c.loaded, nil
}

func (c *certificate) reload() {
	stamp, err := c.stamps()
	if err == nil && stamp == c.stamp {
		return
	}
	if err == nil {
		err = c.load()
	}
	if err != nil {
		c.stamp = stamp // so that one bad change is read once
		if c.told.isNew(err.Error()) {
			c.log.Error("the new certificate cannot be used; the old one stays", "error", err)
		}
		return
	}
	c.told.isNew("")
	c.log.Info("the certificate was read again")
}
