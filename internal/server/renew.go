package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// Renewed is a log that has another id.
type Renewed struct {
	SDKAppID uint32
	Old, New string
}

// NewLog gives the log of an App another id, or with 0 those of all Apps, one after the other. by stands in the audit table. It
// returns what it has done also with an error. A SQLite file that a server has open is refused; on PostgreSQL a server that runs
// learns of it, see docs/operations.md.
func NewLog(ctx context.Context, database string, app uint32, by string) (done []Renewed, err error) {
	if err := checkDatabase(database); err != nil {
		return nil, err
	}
	if path, ok := sqlitePath(database); ok {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) { // opening it would make one
			return nil, fmt.Errorf("there is no database %s; name the one that was restored with --database", path)
		}
	}
	db, _, err := openStore(ctx, database, storeOptions{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	apps := []live.AppID{live.AppID(app)}
	if app == 0 {
		if apps, err = allApps(ctx, db); err != nil {
			return nil, err
		}
	}
	audit := engine.Audit{At: time.Now(), By: live.Actor{Account: live.Account(by), Platform: "command"}, Command: "new_log", Changed: []string{"log"}}
	for _, id := range apps {
		next := eventlog.NewLogID()
		before, err := db.NewLog(ctx, id, next, audit)
		if err != nil {
			return done, fmt.Errorf("give the log of the App %d another id: %w", id, err)
		}
		if before == "" {
			return done, fmt.Errorf("there is no App %d in the database", id)
		}
		done = append(done, Renewed{uint32(id), before, next})
	}
	return done, nil
}

func allApps(ctx context.Context, db store) (apps []live.AppID, err error) {
	err = db.EachApp(ctx, func(app *live.App) error {
		apps = append(apps, app.ID)
		return nil
	})
	if err == nil && len(apps) == 0 {
		err = errors.New("there is no App in the database")
	}
	return apps, err
}
