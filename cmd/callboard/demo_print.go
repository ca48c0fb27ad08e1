package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"path"
	"strings"
	"sync"
)

// printer writes the show. Its methods may be called from several goroutines.
type printer struct {
	w        io.Writer
	warnings chan string

	mu    sync.Mutex
	quiet bool
}

func (p *printer) line(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, _ = fmt.Fprintf(p.w, format+"\n", args...)
}

func (p *printer) title(text string) { p.line("\n%s\n", text) }

// silent runs fn without printing its calls.
func (p *printer) silent(fn func()) {
	set := func(q bool) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.quiet = q
	}
	set(true)
	defer set(false)
	fn()
}

// call prints a REST call. The query has the UserSig and is not printed.
func (p *printer) call(url string, sent, answer []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.quiet {
		return
	}
	_, _ = fmt.Fprintf(p.w, "  REST  %s %s\n     →  %s\n", path.Base(url), sent, bytes.TrimSpace(answer))
}

// arrival prints a callback as it arrived, what the receiver found, and what it answered.
func (p *printer) arrival(a arrival) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, _ = fmt.Fprintln(p.w, "  The App backend received:")
	for line := range strings.SplitSeq(string(a.head), "\r\n") {
		_, _ = fmt.Fprintf(p.w, "    %s\n", line)
	}
	_, _ = fmt.Fprintf(p.w, "\n    %s\n", a.body)
	_, _ = fmt.Fprintf(p.w, "  It found: %s. It answered: %d %s\n", a.verdict(), a.status, bytes.TrimSpace(a.answer))
}

func (a *arrival) verdict() string {
	switch {
	case !a.handled:
		return "not a callback for it"
	case a.repeat:
		return fmt.Sprintf("its own SDKAppID, a valid Sign, number %d of the lane again, a repeat", a.RoomSeq)
	}
	return fmt.Sprintf("its own SDKAppID, a valid Sign, number %d of the lane, new", a.RoomSeq)
}

// logger is that of the backend; what it warns of can be waited for.
func (p *printer) logger() *slog.Logger {
	p.warnings = make(chan string, 16)
	return slog.New(&warningHandler{to: p.warnings})
}

func (p *printer) warning(ctx context.Context) (string, error) {
	select {
	case text := <-p.warnings:
		return text, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// warningHandler keeps the records from Warn on, as text, and drops what nobody waits for.
type warningHandler struct {
	to    chan string
	attrs []slog.Attr
}

// Enabled implements [slog.Handler].
func (h *warningHandler) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelWarn }

// Handle implements [slog.Handler].
func (h *warningHandler) Handle(_ context.Context, r slog.Record) error {
	var b strings.Builder
	fmt.Fprintf(&b, "    %s %s", r.Level, r.Message)
	add := func(a slog.Attr) bool {
		fmt.Fprintf(&b, "\n      %-9s  %s", a.Key, a.Value)
		return true
	}
	for _, a := range h.attrs {
		add(a)
	}
	r.Attrs(add)
	select {
	case h.to <- b.String():
	default:
	}
	return nil
}

// WithAttrs implements [slog.Handler].
func (h *warningHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &warningHandler{to: h.to, attrs: append(h.attrs[:len(h.attrs):len(h.attrs)], attrs...)}
}

// WithGroup implements [slog.Handler]; groups do not occur here.
func (h *warningHandler) WithGroup(string) slog.Handler { return h }
