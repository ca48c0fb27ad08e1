package bench

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// numberingWay is one way to commit groups.
type numberingWay struct {
	name             string
	apps, committers int
}

// numberingWays: a process has one group of an App under way, so several committers of one App are what several processes are.
var numberingWays = []numberingWay{
	{"1 App", 1, 1},
	{"1 App, 4 processes", 1, 4},
	{"16 Apps", 16, 1},
}

var numberingGroups = []int{1, 64}

// numberingDelays are what a sync takes longer than that of this disk.
var numberingDelays = []time.Duration{0, time.Millisecond, 4 * time.Millisecond, 10 * time.Millisecond}

// runNumbering measures how many groups a second the lock of an App's numbering allows, with syncs of several lengths. The store
// is alone: nothing is delivered.
func runNumbering(ctx context.Context, l *lab) error {
	for _, delay := range numberingDelays {
		err := l.numbering(ctx, delay)
		if refused, ok := errors.AsType[*pgconn.PgError](err); ok && delay > 0 && refused.Code == "42501" {
			l.log.Warn("the role may not make syncs slower (commit_delay), so only that of the disk is measured")
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *lab) numbering(ctx context.Context, delay time.Duration) error {
	sync := ""
	if delay > 0 {
		sync = ", sync + " + delay.String()
	}
	took, err := l.slowCommit(ctx, delay)
	if err != nil {
		return err
	}
	l.figure("a commit of one row"+sync, "ms", []float64{took}, nil)
	for _, way := range numberingWays {
		for _, group := range numberingGroups {
			var rates, cpu, wal []float64
			for range l.times(1) {
				r, err := l.commitNumbered(ctx, delay, way, group)
				if err != nil {
					return err
				}
				rates, cpu, wal = append(rates, r.groups), append(cpu, r.cpu), append(wal, r.wal)
			}
			name := fmt.Sprintf("%s, groups of %d%s", way.name, group, sync)
			l.figure(name, "groups/s", rates, nil)
			if delay == 0 {
				l.figure(name+", CPU of the database", "µs/change", cpu, nil)
				l.figure(name+", write-ahead log", "bytes/change", wal, nil)
			}
		}
	}
	return nil
}

// numbered is what one way gave: groups a second, and what a change cost.
type numbered struct{ groups, cpu, wal float64 }

func (l *lab) commitNumbered(ctx context.Context, delay time.Duration, way numberingWay, group int) (n numbered, err error) {
	h, err := l.empty(ctx)
	if err != nil {
		return n, err
	}
	defer l.discard(h)
	slow := h
	slow.database = delayed{h.database, delay}
	var cpu, wal float64
	r, err := l.storeAlone(ctx, slow, storeSpec{
		Apps: way.apps, Committers: way.committers, Rooms: l.scale.rooms, Group: group, For: l.scale.numberFor,
	}, func() (err error) {
		cpu = l.storeCPU()
		wal, err = l.place.written(ctx)
		return err
	})
	if err != nil {
		return n, err
	}
	written, err := l.place.written(ctx)
	rows := float64(r.Rows)
	return numbered{float64(r.Groups) / r.Seconds, (l.storeCPU() - cpu) / rows, (written - wal) / rows}, err
}

// slowCommit is the median of the least commit, in milliseconds.
func (l *lab) slowCommit(ctx context.Context, delay time.Duration) (float64, error) {
	h, err := l.empty(ctx)
	if err != nil {
		return 0, err
	}
	defer l.discard(h)
	c, err := connectPostgres(ctx, delayed{h.database, delay}.url())
	if err != nil {
		return 0, err
	}
	defer closePostgres(c)
	times, err := commitTimes(ctx, c, l.scale.syncs)
	return percentile(times, 50), err
}

// delayed is a database whose syncs take longer: commit_delay has the server wait before each, and hold the lock under which
// it syncs. What others commit meanwhile is synced with it, which a disk that is slow would leave for the next.
type delayed struct {
	database
	delay time.Duration
}

func (d delayed) url() string {
	u, err := url.Parse(d.database.url())
	if err != nil || d.delay == 0 {
		return d.database.url()
	}
	parameters := u.Query()
	parameters.Set("commit_delay", strconv.FormatInt(d.delay.Microseconds(), 10))
	parameters.Set("commit_siblings", "0")
	u.RawQuery = parameters.Encode()
	return u.String()
}
