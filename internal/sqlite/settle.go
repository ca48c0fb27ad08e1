package sqlite

import (
	"context"
	"fmt"
	"slices"

	"github.com/callboard/callboard/internal/delivery"
)

// Settle implements delivery.Log. It is committed without a sync of its own unless one of them is Promised: what a loss of power
// takes away, the readers do again after the start.
func (db *DB) Settle(ctx context.Context, settlements []delivery.Settlement) ([]delivery.ReaderID, error) {
	begin := db.beginUnsynced
	if slices.ContainsFunc(settlements, func(s delivery.Settlement) bool { return s.Promised }) {
		begin = db.begin
	}
	t, err := begin(ctx)
	if err != nil {
		return nil, err
	}
	defer t.Rollback()
	var fenced []delivery.ReaderID
	for i := range settlements {
		s := &settlements[i]
		ok, err := settle(t.c, s)
		if err != nil {
			return nil, fmt.Errorf("settle %d/%s: %w", s.Reader.App, s.Reader.Name, err)
		}
		if !ok {
			fenced = append(fenced, s.Reader)
		}
	}
	return fenced, t.commit()
}

// settle returns false when the reader was fenced off. Whatever it stores may be there already, because the settlement
// before had an unknown outcome.
func settle(c *conn, s *delivery.Settlement) (bool, error) {
	n, err := c.exec(`UPDATE readers SET done = ?, beyond = ?, paused = ? WHERE app = ? AND reader = ? AND fence = ?`,
		s.Cursor.Done(), s.Cursor.Beyond(), string(s.Paused), int64(s.Reader.App), s.Reader.Name, s.Fence)
	if err != nil {
		return false, err
	}
	if n == 0 {
		return finished(c, s)
	}
	for _, store := range []func(*conn, *delivery.Settlement) error{storeLanes, storeAttempts, storeDead, storeSkips} {
		if err := store(c, s); err != nil {
			return false, err
		}
	}
	if s.Finished {
		return true, finish(c, s)
	}
	return true, nil
}

func storeLanes(c *conn, s *delivery.Settlement) error {
	app, reader := int64(s.Reader.App), s.Reader.Name
	for _, lane := range s.Release {
		if _, err := c.exec(`DELETE FROM held WHERE app = ? AND reader = ? AND lane = ?`, app, reader, string(lane)); err != nil {
			return err
		}
	}
	for i := range s.Hold {
		h := &s.Hold[i]
		if _, err := c.exec(`INSERT OR REPLACE INTO held (app, reader, lane, next, attempts, try, since, failing, why) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			app, reader, string(h.Lane), h.Next, h.Attempts, h.Try.UnixMilli(), h.Since.UnixMilli(), h.Failing.Milliseconds(), string(h.Why)); err != nil {
			return err
		}
	}
	return nil
}

func storeAttempts(c *conn, s *delivery.Settlement) error {
	for i := range s.Attempts {
		a := &s.Attempts[i]
		if _, err := c.exec(`INSERT OR REPLACE INTO attempts (app, reader, seq, number, at, duration, status, durable, cloud, counted, why, answer)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, int64(s.Reader.App), s.Reader.Name,
			a.Seq, a.Number, a.At.UnixMilli(), a.Duration.Microseconds(), a.Status, int(a.Durable), int(a.Cloud), int(a.Counted), string(a.Why), a.Answer); err != nil {
			return err
		}
	}
	return nil
}

func storeDead(c *conn, s *delivery.Settlement) error {
	app := int64(s.Reader.App)
	for i := range s.Dead {
		d := &s.Dead[i]
		// The log may have forgotten it: then it was sent from a dead letter, which stays.
		if _, err := c.exec(`INSERT INTO dead (app, reader, at, why, attempts, `+eventColumns+`)
			SELECT app, ?, ?, ?, ?, `+eventColumns+` FROM log WHERE app = ? AND seq = ? ON CONFLICT DO NOTHING`,
			s.Reader.Name, d.At.UnixMilli(), string(d.Why), d.Attempts, app, d.Seq); err != nil {
			return err
		}
	}
	for _, seq := range s.Revived {
		if _, err := c.exec(`DELETE FROM dead WHERE app = ? AND reader = ? AND seq = ?`, app, s.RevivedOf, seq); err != nil {
			return err
		}
	}
	return nil
}

// storeSkips takes away first: of a lane whose announcement was told and which has a new one, the new one stays.
func storeSkips(c *conn, s *delivery.Settlement) error {
	app, reader := int64(s.Reader.App), s.Reader.Name
	for _, lane := range s.Told {
		if _, err := c.exec(`DELETE FROM skips WHERE app = ? AND reader = ? AND lane = ?`, app, reader, string(lane)); err != nil {
			return err
		}
	}
	for i := range s.Skip {
		k := &s.Skip[i]
		if _, err := c.exec(`INSERT OR REPLACE INTO skips (app, reader, lane, "from", "to", seq) VALUES (?, ?, ?, ?, ?, ?)`,
			app, reader, string(k.Lane), k.From, k.To, k.Seq); err != nil {
			return err
		}
	}
	return nil
}
