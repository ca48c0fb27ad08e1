package rest

import (
	"context"
	"errors"
	"log/slog"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/callboard/callboard/liveapi"
)

// unknownCommand labels all paths that name no command: a caller must not be able to make labels.
const unknownCommand = "unknown"

type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "callboard_rest_requests_total", Help: "Calls of the REST API by command and ErrorCode.",
		}, []string{"command", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "callboard_rest_seconds", Help: "Time from a call's arrival to its answer.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 2, 14),
		}, []string{"command"}),
	}
	if reg != nil {
		reg.MustRegister(m.requests, m.seconds)
	}
	return m
}

// codeLabel is the code, but one word for all that an App backend can choose: it must not be able to make labels.
func codeLabel(code liveapi.Code) string {
	if code.Chosen() {
		return "chosen by the App backend"
	}
	return strconv.Itoa(int(code))
}

// observe counts a call and writes its log line, that of a failure at most once a second: the others become lines of
// level Debug, and the next that is told has their number. The line has neither the query nor the ErrorInfo, which may repeat
// what the caller sent.
func (h *Handler) observe(ctx context.Context, r *request, code liveapi.Code, err error) {
	command := unknownCommand
	if r.call != nil {
		command = r.call.command
	}
	duration := h.now().Sub(r.start)
	h.metrics.requests.WithLabelValues(command, codeLabel(code)).Inc()
	h.metrics.seconds.WithLabelValues(command).Observe(duration.Seconds())

	severity := level(ctx, code, err)
	var untold int
	if severity == slog.LevelError {
		var due bool
		if untold, due = h.failures.Next(h.now()); !due {
			severity = slog.LevelDebug
		}
	}
	if !h.log.Enabled(ctx, severity) {
		return
	}
	attrs := []slog.Attr{
		slog.String("RequestId", r.id),
		slog.String("command", command), slog.Uint64("SDKAppID", uint64(r.query.App)), slog.String("identifier", r.query.Logged()),
		slog.Int("code", int(code)), slog.Duration("duration", duration),
	}
	if code == liveapi.CodeInternal {
		attrs = append(attrs, slog.Any("error", err))
	}
	if untold > 0 {
		attrs = append(attrs, slog.Int("failed_since_last_told", untold))
	}
	h.log.LogAttrs(ctx, severity, "REST call", attrs...)
}

// level is Error for what an operator has to look into. A caller who left while the state was read is not that.
func level(ctx context.Context, code liveapi.Code, err error) slog.Level {
	left := ctx.Err() != nil && errors.Is(err, context.Canceled)
	switch {
	case code == liveapi.CodeOK:
		return slog.LevelDebug
	case code == liveapi.CodeInternal && !left:
		return slog.LevelError
	}
	return slog.LevelInfo
}
