package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/callboard/callboard/internal/access"
	"github.com/callboard/callboard/internal/config"
	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/egress"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/feed"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/operate"
	"github.com/callboard/callboard/internal/question"
	"github.com/callboard/callboard/internal/rest"
	"github.com/callboard/callboard/internal/timer"
)

// Options of a [Server].
type Options struct {
	Config config.Config
	Log    *slog.Logger
	// Version is shown as the metric callboard_build_info.
	Version string
}

// ErrNoApp is returned by [New] when neither the config nor the database has an App: there is nothing to serve.
var ErrNoApp = errors.New("there is no App to serve, neither in the config nor in the database")

// Server is one process of Callboard.
type Server struct {
	log      *slog.Logger
	db       store
	sender   *egress.Sender
	dispatch *delivery.Dispatcher
	feed     *feed.Handler
	asker    *question.Asker
	engine   *engine.Engine
	http     *http.Server
	listener net.Listener
	running  sync.WaitGroup // the goroutine of the engine
	calming  sync.WaitGroup
	timing   sync.WaitGroup
	stopTime context.CancelFunc // ends the timer
	ending   chan struct{}      // closed by stop
}

// callWait is how long a change waits for its outcome: the answer is to be there within the documented 3 s. A question to the
// App backend comes on top of it.
const callWait = 2800 * time.Millisecond

// The stop of the server takes at most the sum of these and what is stored in between.
const (
	httpGrace    = 3500 * time.Millisecond // above the longest call, as questions to App backends are ended first
	attemptGrace = 5 * time.Second
)

// New returns a server that listens, delivers what is in the log, and takes no call before [Server.Run]. ctx bounds the
// start only. Nothing of a config that [Check] refuses is applied.
func New(ctx context.Context, opt Options) (*Server, error) {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	cfg, metrics, budget := &opt.Config, newRegistry(opt.Version), budgetOf(opt.Config.Memory)
	if err := check(cfg); err != nil {
		return nil, err
	}
	db, most, err := openStore(ctx, cfg.Database, storeOptions{log: opt.Log, synced: syncMetric(metrics)})
	if err != nil {
		return nil, err
	}
	guard, s := newGuard(cfg), &Server{log: opt.Log, db: db, ending: make(chan struct{})}
	s.sender = egress.NewSender(egress.Options{Guard: guard, MaxIdle: budget.idle, MaxIdlePerHost: budget.inFlight})
	s.dispatch = delivery.New(delivery.Options{
		Log: s.db, Sender: s.sender, Logger: opt.Log, Metrics: delivery.NewMetrics(metrics), Grace: attemptGrace,
		Settings: func(id live.AppID) *live.App { return s.engine.App(id) },
		InFlight: budget.inFlight, Records: budget.records, Memory: budget.window, HeldLanes: budget.held,
		Retention: delivery.RetentionOptions{Store: s.db, Log: cfg.Retention.Log, Dead: cfg.Retention.Dead},
	})
	metrics.MustRegister(delivery.NewCollector(s.dispatch, s.db))
	gate, edges := access.NewGate(budget.userSigs, nil), newEdges(s.db, most)
	s.feed = edges.feed(feed.Options{
		Gate: gate, Logger: opt.Log, Metrics: feed.NewMetrics(metrics), Readers: budget.readers,
		Settings: func(id live.AppID) *live.App { return s.engine.App(id) },
	})
	s.engine = engine.New(engine.Options{
		Store: s.db, Reader: engine.Readers{s.dispatch, s.feed}, CheckURL: guard.CheckURL, Log: opt.Log, Metrics: engine.NewMetrics(metrics),
		QueueLimit: budget.commands, Committers: most.committers, Wait: callWait,
	})
	s.asker = question.New(question.Options{
		Engine: s.engine, Sender: s.sender, Log: opt.Log, Metrics: question.NewMetrics(metrics), InAll: budget.inFlight, Wait: callWait,
	})
	s.http = newHTTPServer(opt.Log, handlers{
		feed:    s.feed,
		operate: edges.operate(operate.Options{Apps: s.engine, Gate: gate, Delivery: s.dispatch, Log: opt.Log}),
		rest: rest.New(rest.Options{
			Engine: s.asker, Rooms: s.db, Log: opt.Log, Registerer: metrics, Gate: gate,
		}),
		ready: s.ready, metrics: metrics, loopback: config.Loopback(cfg.Listen),
	})
	if err := s.start(ctx, cfg, guard); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

// start takes the address first: a second process must neither apply its config nor call anybody. Then it loads the
// Apps, applies the config and begins delivery.
func (s *Server) start(ctx context.Context, cfg *config.Config, guard *egress.Guard) (err error) {
	if s.listener, err = listen(ctx, cfg, budgetOf(cfg.Memory).calls, s.log); err != nil {
		return err
	}
	if err := s.engine.Load(ctx); err != nil {
		return fmt.Errorf("load the Apps: %w", err)
	}
	// The engine's life ends with Stop; a context that ends would take the store from under its last group.
	s.running.Go(func() { s.engine.Run(context.WithoutCancel(ctx)) })
	if err := applyConfig(ctx, s.engine, cfg, s.log); err != nil {
		return err
	}
	if s.engine.Apps() == 0 {
		return ErrNoApp
	}
	warnOfStored(s.engine, cfg, guard, s.log)
	if err := s.dispatch.Start(ctx); err != nil {
		return fmt.Errorf("start delivery: %w", err)
	}
	s.calming.Go(func() { calm(s.ending) })
	timing, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s.stopTime = cancel
	s.timing.Go(func() { timer.New(s.db, s.engine, s.log).Run(timing) })
	return nil
}

// ready returns nil when the schema is right, the store can be written, and delivery is not stuck by a fault of this server.
func (s *Server) ready() error {
	if err := s.db.Ready(); err != nil {
		return err
	}
	return s.dispatch.Ready()
}

// Addr is the address that the server listens on.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Run serves until ctx ends and then stops; it returns an error only if the server could not serve.
func (s *Server) Run(ctx context.Context) error {
	failed := make(chan error, 1)
	var serving sync.WaitGroup
	serving.Go(func() { failed <- s.http.Serve(s.listener) })
	s.log.Info("callboard serves", "address", s.Addr().String(), "apps", s.engine.Apps())
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	s.log.Info("callboard stops: what is in flight is finished first")
	s.closeHTTP()
	serving.Wait()
	s.stop()
	s.log.Info("callboard has stopped")
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// closeHTTP refuses new calls and waits for those that run, after it has ended those that wait for events or for an App backend.
func (s *Server) closeHTTP() {
	s.feed.Close()
	s.asker.Close()
	ctx, cancel := context.WithTimeout(context.Background(), httpGrace)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil {
		s.log.Warn("calls were still running and are cut off", "error", err)
		_ = s.http.Close()
	}
}

// stop ends the parts that were started, in the reverse order.
func (s *Server) stop() {
	close(s.ending)
	s.calming.Wait()
	if s.stopTime != nil {
		s.stopTime()
	}
	s.timing.Wait()
	if s.listener != nil {
		_ = s.listener.Close() // mostly closed by now, which is its only error
	}
	s.engine.Stop()
	s.running.Wait()
	s.dispatch.Stop()
	s.sender.Close()
	if err := s.db.Close(); err != nil {
		s.log.Error("close the database", "error", err)
	}
}

// syncMetric is told how long the COMMIT of each synced transaction took.
func syncMetric(reg prometheus.Registerer) func(time.Duration) {
	h := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "callboard_sync_seconds", Help: "Time of one COMMIT of changes: writing the log of the store and its sync to the disk.",
		Buckets: prometheus.ExponentialBuckets(0.0001, 2, 16),
	})
	reg.MustRegister(h)
	return func(d time.Duration) { h.Observe(d.Seconds()) }
}

func newRegistry(version string) *prometheus.Registry {
	reg := prometheus.NewRegistry()
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "callboard_build_info", Help: "1, with the version as a label."}, []string{"version"})
	build.WithLabelValues(version).Set(1)
	reg.MustRegister(build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return reg
}
