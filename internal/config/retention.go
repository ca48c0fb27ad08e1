package config

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// The limits of durations that are not only above zero.
const (
	minRetention    = time.Minute
	maxLogRetention = 10 * 365 * 24 * time.Hour
	minGiveUpAfter  = time.Second
	noLimit         = time.Duration(math.MaxInt64)
)

func defaultRetention() Retention {
	return Retention{Log: DefaultLogRetention, Dead: DefaultDeadRetention}
}

// retention reads how long logs and dead letters are kept.
func (l *loader) retention(v value, dst *Retention) {
	l.section(v,
		field{"log", func(v value) {
			l.standsAt(keyRetentionLog, l.at(v))
			l.durationWithin(&dst.Log, minRetention, maxLogRetention)(v)
		}},
		field{"dead", l.durationWithin(&dst.Dead, minRetention, noLimit)},
	)
}

// giveUpAfter reads how long an event may fail.
func (l *loader) giveUpAfter(v value, dst *time.Duration) {
	l.standsAt(v.key, l.at(v))
	l.durationWithin(dst, minGiveUpAfter, noLimit)(v)
}

// warnGivenUpByAge warns where the retention of the log ends an event before
// giving up could. Profile cloud does not give up: it tries once.
func (l *loader) warnGivenUpByAge(cfg Config) {
	byDefault := false
	look := func(key string, d Delivery) {
		if d.Profile == ProfileCloud || d.GiveUpAfter <= cfg.Retention.Log {
			return
		}
		at, given := l.places[key+".delivery.give_up_after"]
		if !given {
			byDefault = true
			return
		}
		l.warn(at, "is longer than retention.log, which decides first: after %s an undelivered event is a dead letter",
			short(cfg.Retention.Log))
	}
	for i, app := range cfg.Apps {
		look(fmt.Sprintf("apps[%d]", i), app.Delivery)
		for j, e := range app.Endpoints {
			if e.Delivery != app.Delivery {
				look(fmt.Sprintf("apps[%d].endpoints[%d]", i, j), e.Delivery)
			}
		}
	}
	if byDefault {
		l.warn(l.places[keyRetentionLog], "is shorter than give_up_after, by default %s, and decides first: "+
			"after %s an undelivered event is a dead letter", short(DefaultGiveUpAfter), short(cfg.Retention.Log))
	}
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
