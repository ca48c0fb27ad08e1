package postgres

import (
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
)

const (
	// unnamed is true for what the settings of the App $1, whose endpoints have the readers $2, do not name: of is a reader.
	unnamed = `of >= 'endpoint-' AND of < 'endpoint.' AND NOT of = ANY ($2::text[])`
	// dismissed are the readers of such endpoints, and the redeliveries to them that are not finished.
	dismissed = `(SELECT reader FROM (SELECT reader, reader AS of FROM readers WHERE app = $1
		UNION ALL SELECT reader, of FROM redeliveries WHERE app = $1 AND finished_at = 0) AS r WHERE ` + unnamed + `)`
)

// queueEndpoints makes the readers of an App's endpoints those that its settings name, under the lock of the App's
// numbering. Those that go are locked in the order of their names, as Settle takes them.
func queueEndpoints(b *pgx.Batch, ch *engine.Change) {
	app, named := int64(ch.App), delivery.EndpointReaders(ch.Settings)
	b.Queue(`SELECT 1 FROM readers WHERE app = $1 AND reader IN `+dismissed+` ORDER BY reader FOR UPDATE`, app, named)
	for _, table := range []string{"held", "skips", "cursors", "readers"} {
		b.Queue(`DELETE FROM `+table+` WHERE app = $1 AND reader IN `+dismissed, app, named)
	}
	b.Queue(`DELETE FROM dead WHERE app = $1 AND reader >= 'endpoint-' AND reader < 'endpoint.' AND NOT reader = ANY ($2::text[])`, app, named)
	b.Queue(`UPDATE redeliveries SET finished_at = $3, fence = 0 WHERE app = $1 AND finished_at = 0 AND `+unnamed, app, named, time.Now().UnixMilli())
	// The fence is above every one that a reader of this name has had: who held that may not settle for this one.
	b.Queue(newReaders+`SELECT a.app, n, a.version << 32, (`+head+`) FROM apps AS a, unnest($2::text[]) AS n WHERE a.app = $1`+begun, app, named)
}
