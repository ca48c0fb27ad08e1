package config

import (
	"math"
	"strings"
	"time"
)

// The limits of durations that are not only above zero.
const (
	minRetention    = time.Minute
	maxLogRetention = 10 * 365 * 24 * time.Hour
	noLimit         = time.Duration(math.MaxInt64)
)

func defaultRetention() Retention {
	return Retention{Log: DefaultLogRetention, Dead: DefaultDeadRetention}
}

// retention reads how long logs and dead letters are kept.
func (l *loader) retention(v value, dst *Retention) {
	l.section(v,
		field{"log", l.durationWithin(&dst.Log, minRetention, maxLogRetention)},
		field{"dead", l.durationWithin(&dst.Dead, minRetention, noLimit)},
	)
}

// short is a duration as it is written by hand: 168h, not 168h0m0s.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
