package bench

import (
	"context"
	"time"
)

// watch samples a running server.
type watch struct {
	server *server
	db     database
	// The samples, one of each a second, in MB: memory of the server, write-ahead log, and what else is on the disk.
	rss, wal, file []float64
	err            error
	cancel         context.CancelFunc
	ended          chan struct{}
}

// startWatch begins; stop ends it. It has room for the samples of that time.
func startWatch(ctx context.Context, s *server, db database, d time.Duration) *watch {
	ctx, cancel := context.WithCancel(ctx)
	n := int(d/time.Second) + 1
	w := &watch{server: s, db: db, cancel: cancel, ended: make(chan struct{})}
	w.rss, w.wal, w.file = make([]float64, 0, n), make([]float64, 0, n), make([]float64, 0, n)
	go w.run(ctx)
	return w
}

func (w *watch) run(ctx context.Context) {
	defer close(w.ended)
	pause := time.NewTicker(time.Second)
	defer pause.Stop()
	for w.err == nil {
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
			w.err = w.sample(context.WithoutCancel(ctx)) // to be stopped is no error
		}
	}
}

func (w *watch) sample(ctx context.Context) error {
	used, err := w.server.usage()
	if err != nil {
		return err
	}
	all, wal, err := w.db.size(ctx)
	if err != nil {
		return err
	}
	w.rss, w.wal, w.file = append(w.rss, used.rss), append(w.wal, float64(wal)/1e6), append(w.file, float64(all-wal)/1e6)
	return nil
}

func (w *watch) stop() error {
	w.cancel()
	<-w.ended
	return w.err
}

// parts is into how many parts of equal length a series is cut.
const parts = 6

// part returns the samples of one part; all of them when there are too few for each to have one.
func part(samples []float64, i int) []float64 {
	if len(samples) < parts {
		return samples
	}
	return samples[i*len(samples)/parts : (i+1)*len(samples)/parts]
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values)) // NaN of none
}
