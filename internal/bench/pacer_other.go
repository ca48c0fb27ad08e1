//go:build !linux

package bench

import "time"

// pacer waits for moments with the timers of Go; the lateness that is reported tells how well.
type pacer struct{}

func newPacer() (*pacer, error) { return &pacer{}, nil }

func (p *pacer) until(at time.Time) error {
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	<-timer.C
	return nil
}

func (p *pacer) close() {}
