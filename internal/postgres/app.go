package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"

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

func (c *appCache) get(id live.AppID) cachedApp {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.apps[id]
}

// put keeps the newest version.
func (c *appCache) put(id live.AppID, next cachedApp) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.apps == nil {
		c.apps = map[live.AppID]cachedApp{}
	}
	if c.apps[id].version < next.version {
		c.apps[id] = next
	}
}

// EachApp implements engine.Store. All Apps are read before the first is yielded, so that yield may call the store.
func (db *DB) EachApp(ctx context.Context, yield func(*live.App) error) error {
	var apps []*live.App
	err := db.query(ctx, sweepWithin, func(row pgx.Rows) error {
		var settings string
		var discardTo int64
		if err := row.Scan(&settings, &discardTo); err != nil {
			return err
		}
		app, err := decodeApp(settings, discardTo)
		apps = append(apps, app)
		return err
	}, `SELECT settings, discard_to FROM apps ORDER BY app`)
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

func decodeApp(settings string, discardTo int64) (*live.App, error) {
	app := &live.App{}
	if err := json.Unmarshal([]byte(settings), app); err != nil {
		return nil, foreignError{fmt.Errorf("decode the settings of an App: %w", err)}
	}
	app.DiscardTo = discardTo
	return app, nil
}

// queueApp reads the settings of an App unless they are known in their version. To change them it locks them, and the numbering before: so it
// waits for whatever writes to the App's log, also for a transaction that nobody waits for any more.
func (t *tx) queueApp(b *pgx.Batch, want engine.Want, into *engine.Loaded) {
	known := t.db.apps.get(want.App)
	sql := `SELECT version, discard_to, CASE WHEN version = $2::bigint THEN '' ELSE settings END FROM apps WHERE app = $1`
	if want.Settings {
		b.Queue(`INSERT INTO numbering (app) VALUES ($1) ON CONFLICT DO NOTHING`, int64(want.App)) // waits for who makes the App
		b.Queue(`SELECT 1 FROM numbering WHERE app = $1 FOR UPDATE`, int64(want.App))
		sql += ` FOR UPDATE`
	}
	b.Queue(sql, int64(want.App), known.version).Query(func(rows pgx.Rows) error {
		return each(rows, func(row pgx.Rows) error {
			var version, discardTo int64
			var settings string
			if err := row.Scan(&version, &discardTo, &settings); err != nil {
				return err
			}
			if version != known.version {
				app, err := decodeApp(settings, discardTo)
				if err != nil {
					return err
				}
				known = cachedApp{version, app}
				t.db.apps.put(want.App, known)
			}
			into.App, t.versions[want.App] = known.app, version
			return nil
		})
	})
}

// queueSettings stores new settings; an App that is new gets its log and its reader, and every endpoint has its own.
func queueSettings(b *pgx.Batch, ch *engine.Change) error {
	kept := *ch.Settings
	kept.DiscardTo = 0 // a column of its own: it may be known to the database alone
	settings, err := json.Marshal(&kept)
	if err != nil {
		return fmt.Errorf("encode the settings: %w", err)
	}
	app := int64(ch.App)
	if ch.NewLog != "" {
		b.Queue(`INSERT INTO apps (app, log, version, settings, discard_to) VALUES ($1, $2, 1, $3, $4)`, app, ch.NewLog, string(settings), ch.Settings.DiscardTo)
		b.Queue(`INSERT INTO numbering (app) VALUES ($1) ON CONFLICT DO NOTHING`, app)
		b.Queue(newReaders+`SELECT $1::bigint, 'callback', 0, 0`+begun, app)
		queueEndpoints(b, ch)
		return nil
	}
	b.Queue(`UPDATE apps SET settings = $2, version = version + 1, discard_to = CASE WHEN $3::boolean THEN (`+head+`) ELSE $4::bigint END
		WHERE app = $1 RETURNING discard_to`, app, string(settings), ch.DiscardToHead, ch.Settings.DiscardTo).
		QueryRow(func(row pgx.Row) error { return row.Scan(&ch.Settings.DiscardTo) })
	if ch.CallbackBegins { // before the readers of endpoints, as Settle takes them
		b.Queue(`UPDATE readers SET begun = (`+head+`) WHERE app = $1 AND reader = 'callback'`, app)
	}
	queueEndpoints(b, ch)
	return nil
}

// queueAudit stores who changed what, under the lock of the App's numbering.
func queueAudit(b *pgx.Batch, app live.AppID, a *engine.Audit) error {
	changed, err := json.Marshal(a.Changed)
	if err != nil {
		return err
	}
	reader, to := "", int64(0)
	if d := a.Discarded; d != nil {
		reader, to = delivery.ReaderOf(d.Endpoint), d.To
	}
	b.Queue(`INSERT INTO audit (app, at, actor, client_ip, platform, cause, command, changed, reader, discarded) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9,
		CASE WHEN $9::text <> '' AND $10::bigint = 0 THEN (`+head+`) ELSE $10::bigint END)`,
		int64(app), a.At.UnixMilli(), clean(string(a.By.Account)), clean(a.By.ClientIP), clean(a.By.Platform), clean(a.By.Cause), a.Command, string(changed), reader, to)
	return nil
}
