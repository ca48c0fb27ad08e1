package postgres

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/pgtest"
	"github.com/callboard/callboard/internal/storetest"
)

func TestStoreKeepsItsContracts(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Harness { return harness(t, pgtest.Database(t)) })
}

// harness is one over the database at the URL; its second handle is what another process has.
func harness(t *testing.T, url string) storetest.Harness {
	db := openAt(t, url)
	return storetest.Harness{
		Open:     func() storetest.Store { return db },
		Second:   func() (storetest.Store, bool) { return openAt(t, url), true },
		Audit:    db.auditOf,
		Attempts: db.attemptsOf,
		Dead:     db.deadOf,
	}
}

// openAt opens a database that is closed when the test ends.
func openAt(t testing.TB, url string) *DB {
	t.Helper()
	db, err := Open(t.Context(), Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func (db *DB) auditOf(app live.AppID) ([]engine.Audit, error) {
	var list []engine.Audit
	err := db.query(context.Background(), sweepWithin, func(row pgx.Rows) error {
		var a engine.Audit
		var at int64
		var changed, reader string
		var to int64
		if err := row.Scan(&at, &a.By.Account, &a.By.ClientIP, &a.By.Platform, &a.By.Cause, &a.Command, &changed, &reader, &to); err != nil {
			return err
		}
		if endpoint, ok := delivery.EndpointOf(reader); ok {
			a.Discarded = &engine.Discarded{Endpoint: endpoint, To: to}
		}
		a.At = time.UnixMilli(at)
		err := json.Unmarshal([]byte(changed), &a.Changed)
		list = append(list, a)
		return err
	}, `SELECT at, actor, client_ip, platform, cause, command, changed, reader, discarded FROM audit WHERE app = $1 ORDER BY id`, int64(app))
	return list, err
}

// attemptsOf leaves out those that were forgotten with their events: they go with their day.
func (db *DB) attemptsOf(id delivery.ReaderID) ([]eventlog.Attempt, error) {
	var list []eventlog.Attempt
	err := db.query(context.Background(), sweepWithin, func(row pgx.Rows) error {
		var a eventlog.Attempt
		var at, duration int64
		err := row.Scan(&a.Seq, &a.Number, &at, &duration, &a.Status, &a.Durable, &a.Cloud, &a.Counted, &a.Why, &a.Answer)
		a.At, a.Duration = time.UnixMilli(at), time.Duration(duration)*time.Microsecond
		list = append(list, a)
		return err
	}, `SELECT seq, number, at, duration, status, durable, cloud, counted, why, answer FROM attempts
		WHERE app = $1 AND reader = $2 AND NOT (attempts.floor < `+floor+` AND seq <= `+floor+`) ORDER BY seq, number`, int64(id.App), id.Name)
	return list, err
}

func (db *DB) deadOf(id delivery.ReaderID) ([]storetest.DeadLetter, error) {
	var list []storetest.DeadLetter
	err := db.query(context.Background(), sweepWithin, func(row pgx.Rows) error {
		var d storetest.DeadLetter
		var at int64
		err := row.Scan(&at, &d.Why, &d.Attempts, &d.Event.Seq, &d.Event.Prev, &d.Event.Lane, &d.Event.RoomSeq, &d.Event.RoomPrev, &d.Event.RoomState,
			&d.Event.Command, &d.Event.Callback, &d.Event.Time, &d.Event.Operator, &d.Event.ClientIP, &d.Event.Platform, &d.Event.Cause, &d.Event.Body)
		d.Seq, d.At = d.Event.Seq, time.UnixMilli(at)
		list = append(list, d)
		return err
	}, `SELECT at, why, attempts, `+eventColumns+` FROM dead WHERE app = $1 AND reader = $2 ORDER BY seq`, int64(id.App), id.Name)
	return list, err
}
