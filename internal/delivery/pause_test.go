package delivery_test

import (
	"context"
	"time"

	"github.com/callboard/callboard/internal/eventlog"
)

const asked eventlog.Reason = "a person asked"

// pause pauses app1 and waits at most a minute for it to be stored.
func (w *world) pause() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return w.d.Pause(ctx, reader1, asked)
}

func (w *world) resume() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return w.d.Resume(ctx, reader1)
}

func (w *world) mustPause() {
	w.t.Helper()
	if err := w.pause(); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) mustResume() {
	w.t.Helper()
	if err := w.resume(); err != nil {
		w.t.Fatal(err)
	}
}
