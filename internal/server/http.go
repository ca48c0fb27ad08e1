package server

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/callboard/callboard/internal/config"
)

// handlers are what stands behind the paths.
type handlers struct {
	rest     http.Handler
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

func newHTTPServer(cfg *config.Config, log *slog.Logger, h handlers) *http.Server {
	own := map[string]http.Handler{
		"/healthz": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") }),
		"/readyz":  readyz(h.ready),
		"/metrics": onlyLoopback(h.loopback, promhttp.HandlerFor(h.metrics, promhttp.HandlerOpts{})),
	}
	return &http.Server{
		Handler:           route(own, h.rest),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    headerBytes,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// route hands what is not an own path, read by GET or HEAD, to the REST API, which answers unknown paths with the
// documented code. A ServeMux would answer paths such as //v4/live_config/get_callback itself, with a redirect.
func route(own map[string]http.Handler, rest http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, ok := own[r.URL.Path]
		if !ok || r.Method != http.MethodGet && r.Method != http.MethodHead {
			h = rest
		}
		h.ServeHTTP(w, r)
	})
}

func readyz(ready func() error) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if err := ready(); err != nil {
			http.Error(w, "not ready: "+err.Error(), http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, "ready\n")
	}
}

// onlyLoopback keeps what helps an attacker from callers of other machines.
func onlyLoopback(open bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer, err := netip.ParseAddrPort(r.RemoteAddr)
		if !open && (err != nil || !peer.Addr().Unmap().IsLoopback()) {
			http.Error(w, "only callers on this machine may read the metrics", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func listen(ctx context.Context, cfg *config.Config, log *slog.Logger) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", cfg.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w; is another process there? choose another address with --listen", cfg.Listen, err)
	}
	if cfg.TLS.Certificate == "" {
		return l, nil
	}
	c := &certificate{files: cfg.TLS, log: log}
	if err := c.load(); err != nil {
		_ = l.Close()
		return nil, fmt.Errorf("tls: %w", err)
	}
	return tls.NewListener(l, &tls.Config{
		MinVersion: tls.VersionTLS12, GetCertificate: c.get, NextProtos: []string{"http/1.1"},
	}), nil
}
