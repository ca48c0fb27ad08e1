package sqlite

import (
	"context"
	"fmt"

	"github.com/ncruces/go-sqlite3"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/live"
)

// NewLog implements engine.Renewal.
func (db *DB) NewLog(ctx context.Context, app live.AppID, id string, by engine.Audit) (before string, err error) {
	t, err := db.begin(ctx)
	if err != nil {
		return "", err
	}
	defer t.Rollback()
	err = t.c.query(func(s *sqlite3.Stmt) error {
		before = s.ColumnText(0)
		return nil
	}, `SELECT log FROM apps WHERE app = ?`, int64(app))
	if err != nil || before == "" {
		return "", err
	}
	if _, err = t.c.exec(`UPDATE apps SET log = ? WHERE app = ?`, id, int64(app)); err != nil {
		return "", fmt.Errorf("set the id of the log: %w", err)
	}
	if _, err = t.c.exec(`UPDATE readers SET fence = fence + 1 WHERE app = ?`, int64(app)); err != nil {
		return "", fmt.Errorf("fence the readers: %w", err)
	}
	if err = writeAudit(t.c, app, &by, 0); err != nil {
		return "", fmt.Errorf("write audit: %w", err)
	}
	return before, t.commit()
}
