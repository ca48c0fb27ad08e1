package sqlite

import (
	"fmt"
	"slices"

	"github.com/ncruces/go-sqlite3"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
)

// writeEndpoints makes the readers of an App's endpoints those that its settings name. A new one begins after head.
func writeEndpoints(c *conn, ch *engine.Change, head int64) error {
	named, app := delivery.EndpointReaders(ch.Settings), int64(ch.App)
	there, err := endpointReaders(c, app)
	if err != nil {
		return fmt.Errorf("read the readers of endpoints: %w", err)
	}
	for _, reader := range there {
		if !slices.Contains(named, reader) {
			if err := dismiss(c, app, reader); err != nil {
				return fmt.Errorf("remove the reader %s: %w", reader, err)
			}
		}
	}
	for _, reader := range named {
		// Its fence is above every one that a reader of this name has had: who held that may not settle for this one.
		if _, err := c.exec(`INSERT INTO readers (app, reader, fence, done, beyond, begun)
			SELECT app, ?, version << 32, ?, '', ? FROM apps WHERE app = ? ON CONFLICT DO NOTHING`, reader, head, head, app); err != nil {
			return fmt.Errorf("add the reader %s: %w", reader, err)
		}
	}
	return nil
}

func endpointReaders(c *conn, app int64) (list []string, err error) {
	err = c.query(func(s *sqlite3.Stmt) error {
		list = append(list, s.ColumnText(0))
		return nil
	}, `SELECT reader FROM readers WHERE app = ? AND reader >= 'endpoint-' AND reader < 'endpoint.'`, app)
	return list, err
}

// dismiss removes the reader of an endpoint and the redeliveries to it that are not finished.
func dismiss(c *conn, app int64, reader string) error {
	var redeliveries []string
	err := c.query(func(s *sqlite3.Stmt) error {
		redeliveries = append(redeliveries, s.ColumnText(0))
		return nil
	}, `SELECT reader FROM redeliveries WHERE app = ? AND of = ? AND finished_at = 0`, app, reader)
	if err != nil {
		return err
	}
	for _, name := range redeliveries {
		if err := endRedelivery(c, app, name, 0); err != nil {
			return err
		}
	}
	if err := removeReader(c, app, reader); err != nil {
		return err
	}
	_, err = c.exec(`DELETE FROM dead WHERE app = ? AND reader = ?`, app, reader)
	return err
}

// removeReader removes a reader with its held lanes and announcements.
func removeReader(c *conn, app int64, reader string) error {
	for _, sql := range []string{
		`DELETE FROM readers WHERE app = ? AND reader = ?`,
		`DELETE FROM held WHERE app = ? AND reader = ?`,
		`DELETE FROM skips WHERE app = ? AND reader = ?`,
	} {
		if _, err := c.exec(sql, app, reader); err != nil {
			return err
		}
	}
	return nil
}
