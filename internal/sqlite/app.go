package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/ncruces/go-sqlite3"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/live"
)

// appCache keeps decoded settings by their version, which every transaction reads. The values are shared and never
// modified.
type appCache struct {
	mu   sync.Mutex
	apps map[live.AppID]cachedApp
}

type cachedApp struct {
	version int64
	app     *live.App
}

func (c *appCache) get(id live.AppID, version int64) *live.App {
	c.mu.Lock()
	defer c.mu.Unlock()
	if cached, ok := c.apps[id]; ok && cached.version == version {
		return cached.app
	}
	return nil
}

func (c *appCache) put(id live.AppID, version int64, app *live.App) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.apps == nil {
		c.apps = map[live.AppID]cachedApp{}
	}
	c.apps[id] = cachedApp{version, app}
}

func (c *appCache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.apps = nil
}

// EachApp implements engine.Store. All Apps are read before the first is yielded, so that yield may call the store.
func (db *DB) EachApp(ctx context.Context, yield func(*live.App) error) error {
	var apps []*live.App
	err := db.read(ctx, func(c *conn) error {
		return c.query(func(s *sqlite3.Stmt) error {
			app, err := decodeApp(s.ColumnRawText(0))
			apps = append(apps, app)
			return err
		}, `SELECT settings FROM apps ORDER BY app`)
	})
	if err != nil {
		return err
	}
	for _, app := range apps {
		if err := yield(app); err != nil {
			return err
		}
	}
	return nil
}

func decodeApp(settings []byte) (*live.App, error) {
	app := &live.App{}
	if err := json.Unmarshal(settings, app); err != nil {
		return nil, fmt.Errorf("decode the settings of an App: %w", err)
	}
	return app, nil
}

// loadApp returns nil when there is no such App.
func (db *DB) loadApp(c *conn, id live.AppID) (*live.App, error) {
	var app *live.App
	err := c.query(func(s *sqlite3.Stmt) error {
		version := s.ColumnInt64(0)
		if app = db.apps.get(id, version); app != nil {
			return nil
		}
		var err error
		if app, err = decodeApp(s.ColumnRawText(1)); err != nil {
			return err
		}
		db.apps.put(id, version, app)
		return nil
	}, `SELECT version, settings FROM apps WHERE app = ?`, int64(id))
	return app, err
}

// writeSettings stores new settings; an App that is new gets its log and its reader, and every endpoint has its own.
func writeSettings(c *conn, ch *engine.Change, head int64) error {
	if ch.DiscardToHead {
		ch.Settings.DiscardTo = head
	}
	settings, err := json.Marshal(ch.Settings)
	if err != nil {
		return fmt.Errorf("encode the settings: %w", err)
	}
	app := int64(ch.App)
	if ch.NewLog == "" {
		if _, err = c.exec(`UPDATE apps SET settings = ?, version = version + 1 WHERE app = ?`, string(settings), app); err != nil {
			return err
		}
		if ch.CallbackBegins {
			if _, err := c.exec(`UPDATE readers SET begun = ? WHERE app = ? AND reader = 'callback'`, head, app); err != nil {
				return err
			}
		}
		return writeEndpoints(c, ch, head)
	}
	if _, err = c.exec(`INSERT INTO apps (app, log, version, settings) VALUES (?, ?, 1, ?)`, app, ch.NewLog, string(settings)); err != nil {
		return err
	}
	if _, err = c.exec(`INSERT INTO readers (app, reader, fence, done, beyond) VALUES (?, 'callback', 0, 0, '')`, app); err != nil {
		return err
	}
	return writeEndpoints(c, ch, head)
}

func writeAudit(c *conn, app live.AppID, a *engine.Audit, head int64) error {
	changed, err := json.Marshal(a.Changed)
	if err != nil {
		return err
	}
	reader, to := "", int64(0)
	if d := a.Discarded; d != nil {
		reader, to = delivery.ReaderOf(d.Endpoint), d.To
		if to == 0 {
			to = head
		}
	}
	_, err = c.exec(`INSERT INTO audit (app, at, actor, client_ip, platform, cause, command, changed, reader, discarded) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		int64(app), a.At.UnixMilli(), string(a.By.Account), a.By.ClientIP, a.By.Platform, a.By.Cause, a.Command, string(changed), reader, to)
	return err
}
