package bench

import (
	"errors"
	"fmt"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/callboard/callboard/internal/eventlog"
)

// settleFilled makes everything in the log of a database that no process has open one that was made and delivered at that
// time, each callback by one attempt. It writes in bulk what the server would have written callback by callback.
func settleFilled(path string, at time.Time) (err error) {
	c, err := sqlite3.OpenFlags(path, sqlite3.OPEN_READWRITE)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	ms, delivered := at.UnixMilli(), int(eventlog.Delivered)
	return c.Exec(fmt.Sprintf(`BEGIN IMMEDIATE;
		UPDATE log SET time = %[1]d;
		INSERT INTO attempts (app, reader, seq, number, at, duration, status, durable, cloud, why, answer)
			SELECT app, 'callback', seq, 1, %[1]d, 900, 200, %[2]d, %[2]d, 'status 200', '%[3]s' FROM log WHERE callback = 1;
		UPDATE readers SET done = (SELECT max(seq) FROM log WHERE log.app = readers.app), beyond = '';
		COMMIT`, ms, delivered, okAnswer))
}
