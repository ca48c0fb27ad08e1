package egress

import (
	"crypto/tls"
	"sync"
	"time"
)

// Limits of a tlsCache.
const (
	maxTLSConfigs = 256         // Apps with TLS files of their own that are sent to at the same time
	tlsCheckEvery = time.Second // how often the files of a configuration are looked at
)

// tlsSetup is a loaded configuration. It never changes: a changed file makes a new one with a new id, and connections
// are pooled by id, so those made with the old files are not used again.
type tlsSetup struct {
	id     uint64
	config *tls.Config
	stamps stamps
}

// tlsCache keeps the configurations that were used last.
type tlsCache struct {
	system *tlsSetup

	mu      sync.Mutex
	lastID  uint64
	entries map[TLSFiles]*tlsEntry
}

type tlsEntry struct {
	setup   *tlsSetup
	checked time.Time // when somebody last looked at the files
	used    time.Time
}

func newTLSCache() *tlsCache {
	return &tlsCache{
		system:  &tlsSetup{config: newTLSConfig(systemSessions)},
		entries: make(map[TLSFiles]*tlsEntry),
	}
}

// get returns the configuration for files. Files that changed and cannot be loaded (a certificate whose key is still
// being written) leave the configuration as it was; they are tried again a second later.
func (c *tlsCache) get(files TLSFiles, now time.Time) (*tlsSetup, error) {
	if files == (TLSFiles{}) {
		return c.system, nil
	}
	setup, look := c.lookup(files, now)
	if !look {
		return setup, nil
	}
	current := files.stamps() // before loading: a change in between shows at the next look
	if setup != nil && setup.stamps.equal(current) {
		return setup, nil
	}
	config, err := files.load()
	if err != nil {
		if setup != nil {
			return setup, nil
		}
		return nil, err
	}
	return c.store(files, &tlsSetup{config: config, stamps: current}, now), nil
}

// lookup returns what is there, nil if nothing is, and whether the caller has to look at the files. One caller a second
// has to, besides those that find nothing.
func (c *tlsCache) lookup(files TLSFiles, now time.Time) (setup *tlsSetup, look bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	entry := c.entries[files]
	if entry == nil {
		return nil, true
	}
	entry.used = now
	if now.Sub(entry.checked) < tlsCheckEvery {
		return entry.setup, false
	}
	entry.checked = now
	return entry.setup, true
}

func (c *tlsCache) store(files TLSFiles, setup *tlsSetup, now time.Time) *tlsSetup {
	c.mu.Lock()
	defer c.mu.Unlock()
	if entry := c.entries[files]; entry != nil && entry.setup.stamps.equal(setup.stamps) {
		return entry.setup // somebody else loaded the same at the same time
	}
	if len(c.entries) >= maxTLSConfigs && c.entries[files] == nil {
		c.evict()
	}
	c.lastID++
	setup.id = c.lastID
	c.entries[files] = &tlsEntry{setup: setup, checked: now, used: now}
	return setup
}

// evict forgets the configuration that was not used for the longest time. The caller holds mu.
func (c *tlsCache) evict() {
	var oldest TLSFiles
	var at time.Time
	for files, entry := range c.entries {
		if at.IsZero() || entry.used.Before(at) {
			oldest, at = files, entry.used
		}
	}
	delete(c.entries, oldest)
}
