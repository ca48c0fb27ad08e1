package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/live"
)

// NewLog implements engine.Renewal. It waits for whatever writes to the App's log, and takes the readers in the order of their names,
// as who settles several of them does.
func (db *DB) NewLog(ctx context.Context, app live.AppID, id string, by engine.Audit) (before string, err error) {
	read := func(row pgx.Rows) error { return row.Scan(&before) }
	err = db.query(ctx, statementWithin, read, `SELECT log FROM apps WHERE app = $1`, int64(app))
	if err != nil || before == "" { // an App that is there stays
		return "", err
	}
	b := &pgx.Batch{}
	b.Queue(`SELECT 1 FROM numbering WHERE app = $1 FOR UPDATE`, int64(app))
	b.Queue(`SELECT log FROM apps WHERE app = $1 FOR UPDATE`, int64(app)).Query(func(rows pgx.Rows) error {
		return each(rows, read)
	})
	b.Queue(`SELECT 1 FROM readers WHERE app = $1 ORDER BY reader FOR UPDATE`, int64(app))
	b.Queue(`UPDATE readers SET fence = fence + 1 WHERE app = $1`, int64(app))
	b.Queue(`UPDATE apps SET log = $2 WHERE app = $1`, int64(app), id)
	if err := queueAudit(b, app, &by); err != nil {
		return "", err
	}
	return before, db.transact(ctx, true, b)
}
