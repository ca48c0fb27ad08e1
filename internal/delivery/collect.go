package delivery

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// backlogAge is how old the oldest callback of an App has to be to count as a backlog: what is stored of a reader lags that much.
const backlogAge = time.Second

// maxBacklogs bounds how many Apps have gauges of their own.
const maxBacklogs = 1000

// Collector shows what waits to be delivered: in all, and for each App with a backlog, at most 1,000 of them: since when, how
// much, until when nothing is tried, and why. It asks the store when it is asked, at most once in five seconds.
type Collector struct {
	d     *Dispatcher
	store Backlogs

	total, oldest, apps                     *prometheus.Desc
	appBacklog, appOldest, appNext, appHeld *prometheus.Desc
	appState                                *prometheus.Desc

	mu    sync.Mutex
	asked time.Time
	list  []Backlog
	err   error
}

// NewCollector returns a collector of the backlogs of a dispatcher's readers.
func NewCollector(d *Dispatcher, store Backlogs) *Collector {
	reader := []string{"sdkappid", "reader"}
	return &Collector{
		d: d, store: store,
		total:      prometheus.NewDesc("callboard_backlog_events", "Events from the oldest undelivered one to the end of the log, of all readers.", nil, nil),
		oldest:     prometheus.NewDesc("callboard_oldest_undelivered_seconds", "Age of the oldest callback that is not settled; 0: there is none.", nil, nil),
		apps:       prometheus.NewDesc("callboard_readers_behind", "Readers whose oldest callback is older than a second.", nil, nil),
		appBacklog: prometheus.NewDesc("callboard_app_backlog_events", "Events from the App's oldest undelivered one to the end of its log.", reader, nil),
		appOldest:  prometheus.NewDesc("callboard_app_oldest_undelivered_seconds", "Age of the App's oldest callback that is not settled.", reader, nil),
		appHeld:    prometheus.NewDesc("callboard_app_lanes_held", "Lanes of the App that are set aside.", reader, nil),
		appNext:    prometheus.NewDesc("callboard_app_next_try_seconds", "Time until something is tried next; 0: it is not waited for a time.", reader, nil),
		appState:   prometheus.NewDesc("callboard_app_state", "1 for what the reader does: sending, breaker open, or paused.", append(reader, "state"), nil),
	}
}

// Describe implements prometheus.Collector.
func (c *Collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.total, c.oldest, c.apps, c.appBacklog, c.appOldest, c.appHeld, c.appNext, c.appState} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c *Collector) Collect(ch chan<- prometheus.Metric) {
	list, err := c.backlogs()
	if err != nil {
		ch <- prometheus.NewInvalidMetric(c.total, err)
		return
	}
	now := time.Now()
	total, oldest, behind := 0.0, 0.0, 0
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	for i := range list {
		b := &list[i]
		age, events := b.age(now), float64(max(b.Head-b.Oldest+1, 0))
		total, oldest = total+events, max(oldest, age.Seconds())
		if age < backlogAge {
			continue
		}
		if behind++; behind > maxBacklogs {
			continue
		}
		app := strconv.FormatUint(uint64(b.Reader.App), 10)
		gauge(c.appBacklog, events, app, b.Reader.Name)
		gauge(c.appOldest, age.Seconds(), app, b.Reader.Name)
		gauge(c.appHeld, float64(b.Held), app, b.Reader.Name)
		state, next := c.d.look(b.Reader)
		if b.Paused { // also when its reader is not there yet
			state = statePaused
		}
		gauge(c.appNext, max(next.Sub(now).Seconds(), 0), app, b.Reader.Name)
		gauge(c.appState, 1, app, b.Reader.Name, stateNames[state])
	}
	gauge(c.total, total)
	gauge(c.oldest, oldest)
	gauge(c.apps, float64(behind))
}

// age is that of the oldest; 0 when the log has nothing of it, as with a redelivery of dead letters that the log forgot.
func (b *Backlog) age(now time.Time) time.Duration {
	if b.Since.IsZero() {
		return 0
	}
	return max(now.Sub(b.Since), 0)
}

const collectEvery = 5 * time.Second

func (c *Collector) backlogs() ([]Backlog, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.asked.IsZero() && time.Since(c.asked) < collectEvery {
		return c.list, c.err
	}
	ctx, cancel := context.WithTimeout(context.Background(), collectEvery)
	defer cancel()
	c.asked, c.list = time.Now(), nil
	c.err = c.store.Backlogs(ctx, func(b Backlog) error {
		c.list = append(c.list, b)
		return nil
	})
	return c.list, c.err
}

// look returns what a reader does, and when it tries something next; zero: it waits for no time.
func (d *Dispatcher) look(id ReaderID) (readerState, time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	r := d.readers[id]
	if r == nil {
		return stateSending, time.Time{}
	}
	var next time.Time
	if n := r.face.next.Load(); n != 0 {
		next = time.Unix(0, n)
	}
	return readerState(r.face.state.Load()), next
}
