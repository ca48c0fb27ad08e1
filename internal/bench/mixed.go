package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/valyala/fasthttp"
)

const (
	// shortestMix is the least time that has a sample in each part.
	shortestMix = 6 * time.Second
	// leastKept is the least that retention.log can be set to.
	leastKept = time.Minute
	// ledgerMemory bounds the heap of this process, which would let much garbage lie for speed.
	ledgerMemory = 512 << 20
)

// mix is one play of mixed.
type mix struct {
	lab     *lab
	during  time.Duration // of the load
	kept    time.Duration // retention.log
	home    home
	server  *server
	book    *ledger
	script  *script
	weather *weather
	casts   []*cast
	client  *fasthttp.HostClient
	late    []float64
	drain   time.Duration // from the end of the load to the last callback
}

// runMixed plays everything at once for long: changes of all kinds over rooms that come and go, one App whose backend is
// slow, so that its reader is far behind all the time, one whose backend fails now and then, and a purge that never rests.
func runMixed(ctx context.Context, l *lab) error {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(ledgerMemory))
	m := &mix{lab: l, during: l.mixFor()}
	m.kept = max(m.during/parts, leastKept).Round(time.Second)
	var err error
	if m.home, err = l.prepared(ctx, fillSpec{Apps: l.scale.mixApps, Spread: true, All: true}); err != nil {
		return err
	}
	defer l.discard(m.home)
	if m.server, err = l.serveKeeping(ctx, m.home, m.kept); err != nil {
		return err
	}
	defer m.server.stop()
	defer l.receiver.use(nil)
	return m.play(ctx)
}

// mixFor is how long the load lasts.
func (l *lab) mixFor() time.Duration {
	if l.opt.For > 0 {
		return l.opt.For
	}
	return l.scale.mixFor
}

// The roles of two Apps; all others have backends that are well.
func (m *mix) slowApp() int  { return m.lab.scale.mixApps - 2 }
func (m *mix) stormApp() int { return m.lab.scale.mixApps - 1 }

func (m *mix) play(ctx context.Context) error {
	if err := m.prepare(); err != nil {
		return err
	}
	defer m.client.CloseIdleConnections()
	m.lab.receiver.use(m.book)
	purge, err := watchPurge(ctx, m.home, time.Second)
	if err != nil {
		return err
	}
	defer func() { _ = purge.stop() }() // its error was returned already, if there was one
	samples := startWatch(ctx, m.server, m.home, m.during)
	err = m.load(ctx)
	if err = errors.Join(err, samples.stop()); err != nil {
		return m.server.fail(err)
	}
	if err := m.await(ctx); ctx.Err() != nil {
		return m.server.fail(err)
	} else if err != nil { // what was measured for an hour is told all the same
		m.lab.problem(err.Error())
	}
	if err := purge.stop(); err != nil {
		return m.server.fail(err)
	}
	m.server.stop()
	return m.report(ctx, samples, purge)
}

func (m *mix) prepare() error {
	scale := &m.lab.scale
	m.script = newScript(scale.mixApps, scale.mixRooms, int(float64(scale.mixRate)*m.during.Seconds())/scale.mixApps+1)
	m.weather = &weather{begun: time.Now(), cycle: m.during / 15}
	m.script.apps[m.slowApp()].wait = m.slowness()
	m.book = newLedger()
	m.book.script = m.script
	m.book.mood = func(app int, at time.Time) verdict {
		if app == m.stormApp() {
			return m.weather.verdict(at)
		}
		return accept
	}
	m.client = newHostClient(m.server.address, openWorkers)
	for app := range scale.mixApps {
		c, err := newCast(m.client, app, scale.mixRooms, m.script, m.kept*6/5)
		if err != nil {
			return err
		}
		m.casts = append(m.casts, c)
	}
	return nil
}

// slowness keeps the slow App a third of the retention behind: it takes less than what comes until it is, and then a
// little more. Farther behind, what it did not take would become dead letters, as it is documented.
func (m *mix) slowness() func(age time.Duration) time.Duration {
	rate := float64(m.lab.scale.mixRate) / float64(m.lab.scale.mixApps)
	even := time.Duration(float64(m.lab.scale.inFlight) / rate * float64(time.Second))
	return func(age time.Duration) time.Duration {
		switch {
		case m.weather.calm.Load():
			return 0
		case age < m.kept/3:
			return min(even*2, defaultTimeout/2)
		}
		return even / 2
	}
}

// load plays until the time is over. All backends are well when it returns.
func (m *mix) load(ctx context.Context) (err error) {
	storm, calm := context.WithCancel(ctx)
	var failing sync.WaitGroup
	var opened error
	failing.Go(func() { opened = m.weather.run(storm, m.lab.receiver, m.lab.receiver.fronts[m.stormApp()]) })
	m.late, err = openLoop(ctx, m.lab.scale.mixRate, m.during, func(i int, intended time.Time) {
		m.casts[i%len(m.casts)].play(ctx, intended)
	})
	m.weather.calm.Store(true)
	calm()
	failing.Wait()
	return errors.Join(err, opened)
}

// await waits for all that is to come.
func (m *mix) await(ctx context.Context) error {
	begun, done := time.Now(), 0
	for _, c := range m.casts {
		done += int(c.done.Load())
	}
	err := m.book.await(ctx, done, stall)
	m.drain = max(m.book.lastAt().Sub(begun), 0)
	return err
}

func (m *mix) report(ctx context.Context, samples *watch, purge *purgeWatch) error {
	l, done, unknown := m.lab, 0, 0
	for _, c := range m.casts {
		done, unknown = done+int(c.done.Load()), unknown+int(c.unknown.Load())
		l.problems("the load", c.problems())
	}
	l.problems("the server", m.book.verdict(done, unknown))
	if owed := m.script.owed.Load(); owed > 0 {
		l.problem(fmt.Sprintf("%d callbacks of calls that were answered OK never came", owed))
	}
	m.reportLoad(done)
	m.reportSamples(samples)
	return m.reportLog(ctx, purge)
}

func (m *mix) reportLoad(done int) {
	l := m.lab
	var times, answers []float64
	for i := range m.script.apps {
		answers = append(answers, m.casts[i].answers...)
		slices.Sort(m.script.apps[i].times)
		if i != m.slowApp() && i != m.stormApp() {
			times = append(times, m.script.apps[i].times...)
		}
	}
	slices.Sort(times)
	slices.Sort(answers)
	slow, storm := m.script.apps[m.slowApp()].times, m.script.apps[m.stormApp()].times
	one := func(v float64) []float64 { return []float64{v} }
	l.figure("changes, each delivered", "callbacks", one(float64(done)), nil)
	l.figure("repeats", "callbacks", one(float64(m.book.repeats)), nil)
	l.figure("callbacks that were refused or not answered", "callbacks", one(float64(m.book.turned)), nil)
	l.figure("rooms created anew after the log forgot them", "rooms", one(float64(m.book.forgotten)), nil)
	l.figure("answer of a call, p50", "ms", one(percentile(answers, 50)), nil)
	l.figure("answer of a call, p99", "ms", one(percentile(answers, 99)), nil)
	l.figure("Apps with a healthy backend, p50", "ms", one(percentile(times, 50)), nil)
	l.figure("Apps with a healthy backend, p99", "ms", one(percentile(times, 99)), nil)
	l.figure("Apps with a healthy backend, max", "ms", one(percentile(times, 100)), nil)
	l.figure("the App with a slow backend, p50", "s", one(percentile(slow, 50)/1e3), nil)
	l.figure("the App with a slow backend, max", "s", one(percentile(slow, 100)/1e3), nil)
	l.figure("the App whose backend fails, p50", "ms", one(percentile(storm, 50)), nil)
	l.figure("the App whose backend fails, max", "s", one(percentile(storm, 100)/1e3), nil)
	l.figure("the load's own lateness, p99", "ms", one(percentile(m.late, 99)), nil)
	l.figure("end of the load to the last callback", "s", one(m.drain.Seconds()), nil)
}

func (m *mix) reportSamples(samples *watch) {
	l := m.lab
	for i := range parts {
		l.figure("memory, "+m.span(i), "MB", part(samples.rss, i), nil)
	}
	growth := mean(part(samples.rss, parts-1)) / mean(part(samples.rss, 1))
	l.figure("memory, the last sixth against the second", "ratio", []float64{growth}, atMost(1.1))
	for i := range parts {
		l.figure("database on the disk, "+m.span(i), "MB", part(samples.file, i), nil)
	}
	if len(samples.wal) > 0 && l.kind == kindSQLite {
		l.figure("write-ahead log, most", "MB", []float64{slices.Max(samples.wal)}, atMost(64))
	}
	if own, err := processUsage(os.Getpid()); err == nil { // other systems have no such account
		l.figure("most memory of the process that measures", "MB", []float64{own.peak}, nil)
	}
}

// span names a part of the time.
func (m *mix) span(i int) string {
	minutes := m.during.Minutes() / parts
	return fmt.Sprintf("minutes %.3g to %.3g", float64(i)*minutes, float64(i+1)*minutes)
}

// reportLog looks at what is left in the store.
func (m *mix) reportLog(ctx context.Context, purge *purgeWatch) error {
	l := m.lab
	left, err := ask(ctx, m.home, rowsLeft)
	if err != nil {
		return err
	}
	dead, err := ask(ctx, m.home, deadLetters)
	if err != nil {
		return err
	}
	l.figure("rows purged", "rows", []float64{float64(purge.gone())}, nil)
	l.figure("rows left in the log", "rows", []float64{float64(left)}, nil)
	if dead > 0 {
		l.problem(fmt.Sprintf("%d callbacks became dead letters", dead))
	}
	if purge.gone() == 0 && m.during > m.kept+purgeLate {
		l.problem("nothing was purged: it says nothing about retention")
	}
	return nil
}

// purgeLate is how long rows may be older than the log is to keep them, when sweeps begin every hundredth of that.
const purgeLate = 10 * time.Second
