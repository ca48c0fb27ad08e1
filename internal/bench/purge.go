package bench

import (
	"context"
	"errors"
	"time"
)

// purgeWatch looks how far the log of a running server was purged.
type purgeWatch struct {
	conn connection
	// looks are in the order of time. They may be read after stop.
	looks  []purgeLook
	err    error
	cancel context.CancelFunc
	ended  chan struct{}
}

// purgeLook is how many rows were gone at a moment, of all Apps.
type purgeLook struct {
	at   time.Time
	gone int64
}

// purgeEvery is how often it looks.
const purgeEvery = 100 * time.Millisecond

// watchPurge begins; stop ends it. every is 0 for the usual pace.
func watchPurge(ctx context.Context, d database, every time.Duration) (*purgeWatch, error) {
	conn, err := d.connect(ctx)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	w := &purgeWatch{conn: conn, cancel: cancel, ended: make(chan struct{})}
	if err := w.look(ctx); err != nil {
		cancel()
		return nil, errors.Join(err, conn.close())
	}
	go w.run(ctx, max(every, purgeEvery))
	return w, nil
}

func (w *purgeWatch) run(ctx context.Context, every time.Duration) {
	defer close(w.ended)
	pause := time.NewTicker(every)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
		if w.err = w.look(ctx); w.err != nil {
			return
		}
	}
}

// look is finished when it has begun: to be stopped is no error.
func (w *purgeWatch) look(ctx context.Context) error {
	gone, err := w.conn.number(context.WithoutCancel(ctx), rowsForgotten)
	if err == nil {
		w.looks = append(w.looks, purgeLook{time.Now(), gone})
	}
	return err
}

// stop ends it, while the server still runs: the last to close a file of SQLite would tidy it up. It may be called again.
func (w *purgeWatch) stop() error {
	w.cancel()
	<-w.ended
	if w.conn != nil {
		w.err = errors.Join(w.err, w.conn.close())
		w.conn = nil
	}
	return w.err
}

// between returns how many rows left in a time, and for how long of it some were leaving.
func (w *purgeWatch) between(from, to time.Time) (rows int64, took time.Duration) {
	for i := 1; i < len(w.looks); i++ {
		a, b := w.looks[i-1], w.looks[i]
		if b.gone == a.gone || !b.at.After(from) || !a.at.Before(to) {
			continue
		}
		rows += b.gone - a.gone
		took += b.at.Sub(a.at)
	}
	return rows, took
}

// gone is how many rows were gone when it looked last.
func (w *purgeWatch) gone() int64 { return w.looks[len(w.looks)-1].gone }
