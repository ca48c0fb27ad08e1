package bench

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

// tenths is into how many parts of equal length the load is cut.
const tenths = 10

// heldLoad is a load beside a transaction that is open all the time.
type heldLoad struct {
	lab    *lab
	during time.Duration
	home   home
	db     *postgresDatabase
	hold   *hold
	server *server
	client *fasthttp.HostClient
	fleets []*fleet
	book   *ledger
	turn   atomic.Int64 // whose App it is

	marks   []mark        // one more than tenths
	drain   time.Duration // from the end of the load to the last callback
	before  int64         // bytes on the disk
	after   int64
	written float64 // bytes of write-ahead log
}

// mark is a moment of the load.
type mark struct {
	at    time.Time
	done  int           // changes that were answered OK so far
	came  int           // callbacks
	cpu   time.Duration // of the server
	store float64       // microseconds of the database
	pages int64         // that the database has looked at
}

// runHeldTransaction makes changes by REST as fast as clients can, each delivered, while a transaction with a snapshot stays open
// elsewhere. The same load runs before it begins, until tables and indexes are beyond the caches of the processor: what the first
// minute of a new database gains by them is not the transaction's doing. What changes in place then leaves versions that nobody may clean up; the log, the attempts and the numbering must
// have none, and the others must not slow it down.
func runHeldTransaction(ctx context.Context, l *lab) (err error) {
	r := &heldLoad{lab: l, during: l.opt.For}
	if r.during == 0 {
		r.during = l.scale.heldFor
	}
	if r.home, err = l.prepared(ctx, fillSpec{Apps: l.scale.heldApps, Rooms: l.scale.heldRooms}); err != nil {
		return err
	}
	defer l.discard(r.home)
	db, ok := r.home.database.(*postgresDatabase)
	if !ok {
		return fmt.Errorf("the store is %s", l.kind)
	}
	r.db = db
	if r.server, err = l.serve(ctx, r.home); err != nil {
		return err
	}
	defer r.server.stop()
	defer l.receiver.use(nil)
	defer func() { r.hold.end() }()
	if err := r.play(ctx); err != nil {
		return r.server.fail(err)
	}
	r.server.stop()
	return r.report(ctx)
}

func (r *heldLoad) play(ctx context.Context) (err error) {
	r.book = newLedger()
	r.lab.receiver.use(r.book)
	r.client = newHostClient(r.server.address, r.lab.scale.inFlight)
	defer r.client.CloseIdleConnections()
	for app := range r.lab.scale.heldApps {
		f, err := newFleet(r.client, app, r.lab.scale.heldRooms)
		if err != nil {
			return err
		}
		r.fleets = append(r.fleets, f)
	}
	closedLoop(ctx, r.lab.scale.inFlight, r.lab.scale.heldWarm, r.change)
	if r.hold, err = openHold(ctx, r.db.url()); err != nil {
		return err
	}
	if r.before, _, err = r.db.size(ctx); err != nil {
		return err
	}
	written, err := r.lab.place.written(ctx)
	if err != nil {
		return err
	}
	if err := r.load(ctx); err != nil {
		return err
	}
	ended := time.Now()
	done, _ := r.calls()
	if err := r.book.await(ctx, done, stall); err != nil {
		return err
	}
	r.drain = max(r.book.lastAt().Sub(ended), 0)
	now, err := r.lab.place.written(ctx)
	r.written = now - written
	return err
}

// change makes one in the next App.
func (r *heldLoad) change(ctx context.Context, intended time.Time) {
	r.fleets[int(r.turn.Add(1))%len(r.fleets)].change(ctx, intended)
}

// load plays, and looks at the end of each tenth.
func (r *heldLoad) load(ctx context.Context) error {
	var running sync.WaitGroup
	defer running.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	begun := time.Now()
	if err := r.mark(ctx); err != nil {
		return err
	}
	running.Go(func() { closedLoop(ctx, r.lab.scale.inFlight, r.during, r.change) })
	for i := range tenths {
		if err := wait(ctx, time.Until(begun.Add(r.during*time.Duration(i+1)/tenths))); err != nil {
			return err
		}
		if err := r.mark(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (r *heldLoad) mark(ctx context.Context) error {
	used, err := r.server.usage()
	if err != nil {
		return err
	}
	pages, err := r.db.pages(ctx)
	if err != nil {
		return err
	}
	done, _ := r.calls()
	r.marks = append(r.marks, mark{time.Now(), done, int(r.book.count.Load()), used.cpu, r.lab.storeCPU(), pages})
	return nil
}

// calls is how many were answered OK, and how many were not.
func (r *heldLoad) calls() (done, unknown int) {
	for _, f := range r.fleets {
		done, unknown = done+int(f.done.Load()), unknown+int(f.unknown.Load())
	}
	return done, unknown
}

// tenth is what one part of the load gave.
type tenth struct{ changes, callbacks, cpu, store, pages float64 }

func (r *heldLoad) tenth(i int) tenth {
	from, to := r.marks[i], r.marks[i+1]
	seconds, n := to.at.Sub(from.at).Seconds(), float64(to.done-from.done)
	return tenth{
		changes: n / seconds, callbacks: float64(to.came-from.came) / seconds,
		cpu: microseconds(to.cpu-from.cpu) / n, store: (to.store - from.store) / n, pages: float64(to.pages-from.pages) / n,
	}
}

func (r *heldLoad) report(ctx context.Context) (err error) {
	l := r.lab
	for _, f := range r.fleets {
		l.problems("the load", f.problems())
	}
	done, unknown := r.calls()
	l.problems("the server", r.book.verdict(done, unknown))
	if r.after, _, err = r.db.size(ctx); err != nil {
		return err
	}
	found, err := r.db.versions(ctx, 1)
	if err != nil {
		return fmt.Errorf("count dead versions: %w", err)
	}
	if err := r.hold.check(ctx); err != nil {
		return err
	}
	r.reportRates(done)
	r.reportVersions(found)
	return nil
}

func (r *heldLoad) reportRates(done int) {
	l := r.lab
	one := func(name, unit string, v float64, onPostgres ...*Must) {
		l.figure(name, unit, []float64{v}, nil, onPostgres...)
	}
	part := r.during.Minutes() / tenths
	for i := range tenths {
		one(fmt.Sprintf("changes, minutes %.3g to %.3g", float64(i)*part, float64(i+1)*part), "changes/s", r.tenth(i).changes)
	}
	first, last := r.tenth(0), r.tenth(tenths-1)
	one("changes, the last tenth against the first", "ratio", last.changes/first.changes, atLeast(0.85))
	one("changes, the last nine tenths against the first, middle", "ratio", r.middle()/first.changes)
	one("callbacks, the last tenth against the first", "ratio", last.callbacks/first.callbacks, atLeast(0.85))
	one("end of the load to the last callback", "s", r.drain.Seconds())
	one("CPU of the server, first tenth", "µs/change", first.cpu)
	one("CPU of the server, last tenth", "µs/change", last.cpu)
	one("CPU of the database, first tenth", "µs/change", first.store)
	one("CPU of the database, last tenth", "µs/change", last.store)
	one("pages looked at, first tenth", "pages/change", first.pages)
	one("pages looked at, last tenth", "pages/change", last.pages)
	n := float64(done - r.marks[0].done)
	one("changes, each delivered", "callbacks", n)
	one("write-ahead log that was written", "bytes/change", r.written/n)
	one("database on the disk, before", "MB", float64(r.before)/1e6)
	one("database on the disk, after", "MB", float64(r.after)/1e6)
}

// middle is the median of the tenths after the first.
func (r *heldLoad) middle() float64 {
	rates := make([]float64, 0, tenths-1)
	for i := 1; i < tenths; i++ {
		rates = append(rates, r.tenth(i).changes)
	}
	slices.Sort(rates)
	return rates[len(rates)/2]
}

// reportVersions: what is only ever inserted has made no versions at all.
func (r *heldLoad) reportVersions(found map[string]versions) {
	for _, table := range []string{"log", "attempts", "numbering"} {
		v := found[table]
		r.lab.figure("dead versions and changed rows of "+table, "rows", []float64{float64(v.dead + v.changed)}, nil, atMost(0))
	}
	for _, table := range []string{"rooms", "states", "readers", "cursors", "held", "floors"} {
		r.lab.figure("dead versions of "+table, "rows", []float64{float64(found[table].dead)}, nil)
	}
}
