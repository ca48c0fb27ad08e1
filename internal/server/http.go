package server

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/callboard/callboard/internal/call"
	"github.com/callboard/callboard/internal/feed"
)

// handlers are what stands behind the paths.
type handlers struct {
	rest     http.Handler
	feed     http.Handler
	operate  http.Handler
	ready    func() error
	metrics  prometheus.Gatherer
	loopback bool // the server listens on loopback only
}

// Limits of a request before any handler sees it. The body is limited by its handler.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = 20 * time.Second
	writeTimeout  = 30 * time.Second
	idleTimeout   = 2 * time.Minute
	headerBytes   = 32 << 10
)

func newHTTPServer(log *slog.Logger, h handlers) *http.Server {
	own := map[string]http.Handler{
		"/healthz": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") }),
		"/readyz":  readyz(&h, log),
		"/metrics": onlyLoopback(h.loopback, promhttp.HandlerFor(h.metrics, promhttp.HandlerOpts{})),
	}
	return &http.Server{
		Handler:           tellPanics(log, route(own, &h)),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    headerBytes,
		// Failed handshakes and cut-off headers are the callers' doing, and anybody can make any number of them.
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// route hands what is not an own path, read by GET or HEAD, to the REST API, which answers unknown paths with the
// documented code. What begins with /callboard/v1/ is the feed or an operation. A ServeMux would answer paths such as
// //v4/live_config/get_callback itself, with a redirect.
func route(own map[string]http.Handler, to *handlers) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, ok := own[r.URL.Path]
		switch {
		case feed.Serves(r.URL.Path):
			h = to.feed
		case strings.HasPrefix(r.URL.Path, call.Prefix):
			h = to.operate
		case !ok || r.Method != http.MethodGet && r.Method != http.MethodHead:
			h = to.rest
		}
		h.ServeHTTP(w, r)
	})
}

// tellPanics logs the panic of a handler, which is a fault of the program, and closes the connection, as net/http does.
func tellPanics(log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if v := recover(); v != nil {
				log.Error("a handler panicked", "path", r.URL.Path, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
				panic(http.ErrAbortHandler)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// readyz says why the server is not ready to callers on this machine, and in the log, once for each reason: the text is
// of the store.
func readyz(h *handlers, log *slog.Logger) http.HandlerFunc {
	ready, open, told := h.ready, h.loopback, &told{}
	return func(w http.ResponseWriter, r *http.Request) {
		err := ready()
		if err == nil {
			told.isNew("")
			_, _ = io.WriteString(w, "ready\n")
			return
		}
		if told.isNew(err.Error()) {
			log.Warn("the server is not ready", "error", err)
		}
		text := "not ready"
		if open || fromLoopback(r) {
			text += ": " + err.Error()
		}
		http.Error(w, text, http.StatusServiceUnavailable)
	}
}

// fromLoopback tells whether a call came from this machine. That of a proxy on this machine does.
func fromLoopback(r *http.Request) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && peer.Addr().Unmap().IsLoopback()
}

// onlyLoopback keeps what helps an attacker from callers of other machines.
func onlyLoopback(open bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !open && !fromLoopback(r) {
			http.Error(w, "only callers on this machine may read the metrics", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}
