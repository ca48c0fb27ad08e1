package operate

import (
	"time"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/delivery/policy"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// facts are what is known about an event: what a story is made of, and all that it is made of.
type facts struct {
	now     time.Time
	id      EventID
	reader  string
	app     *live.App
	trace   Trace
	glimpse delivery.Glimpse
	silent  bool // the reader did not answer
}

// known tells whether the log has, or had, the event.
func (f *facts) known() bool { return f.id.Log == f.trace.Log && f.id.Seq <= f.trace.Head }

// waits tells whether the event is to be sent, and is not settled.
func (f *facts) waits() bool {
	return f.known() && f.trace.Event != nil && f.trace.Event.Callback && f.trace.Standing != nil && !f.trace.Standing.Settled(f.id.Seq) &&
		f.accepted() == nil
}

// own are the attempts of the reader, those that are not stored yet included.
func (f *facts) own() []eventlog.Attempt {
	var list []eventlog.Attempt
	last := 0
	for i := range f.trace.Attempts {
		if t := &f.trace.Attempts[i]; t.Reader == f.reader {
			list, last = append(list, t.Attempt), t.Number
		}
	}
	for _, a := range f.glimpse.Attempts {
		if a.Number > last {
			list = append(list, a)
		}
	}
	return list
}

// to is where the reader sends to; the zero value when the settings do not have it any more.
func (f *facts) to() live.Destination {
	of := f.reader
	if r := f.redelivery(); r != nil {
		of = r.Of()
	}
	d, _ := delivery.DestinationOf(of, f.app)
	return d
}

// accepted is the attempt of the reader by which the event was delivered; nil: there is none.
func (f *facts) accepted() *eventlog.Attempt {
	own := f.own()
	for i := range own {
		if own[i].Counted == eventlog.Delivered {
			return &own[i]
		}
	}
	return nil
}

// again is an attempt of a redelivery by which the event was delivered; nil: there is none.
func (f *facts) again() *Try {
	for i := len(f.trace.Attempts) - 1; i >= 0; i-- {
		if t := &f.trace.Attempts[i]; t.Reader != f.reader && t.Counted == eventlog.Delivered {
			return t
		}
	}
	return nil
}

// unwanted tells whether nobody wants the event any more of the reader.
func (f *facts) unwanted() bool { return f.id.Seq <= delivery.DiscardedTo(f.reader, f.app) }

// early tells whether nobody was to be called by the reader when the event was committed: the endpoint was not there yet, or the
// callback had no URL, while an endpoint had one. What is above the last discard was not sent before either: taking a URL away
// is one.
func (f *facts) early() bool {
	s, endpoint, standing := f.trace.Standing, "", false
	if endpoint, standing = delivery.EndpointOf(f.reader); s == nil || !standing {
		return false
	}
	if endpoint != "" {
		return f.id.Seq <= s.Begun
	}
	return !f.unwanted() && (f.id.Seq <= s.Begun || f.app.Callback != nil && !f.app.HasCallbackURL())
}

// held is the newest known row of the event's lane; nil: it is not held.
func (f *facts) held() *eventlog.Held {
	if h := f.glimpse.Lane.Held; h != nil {
		return h
	}
	if f.glimpse.Lane.First != 0 || f.trace.Standing == nil {
		return nil // in memory, and not held any more
	}
	return f.trace.Standing.Lane
}

// first is the number of the lane's first event that is not settled, as far as that is known; 0: it is not.
func (f *facts) first() int64 {
	if n := f.glimpse.Lane.First; n != 0 {
		return n
	}
	if h := f.held(); h != nil {
		return h.Next
	}
	return 0
}

// firstNumber is the largest number that the first attempt on record can have: one whose reused connection had ended was made
// twice, and the second is recorded.
const firstNumber = 2

// cloud says what the documented service would have done: what came of the first attempt. It knows no lanes, pauses and
// breakers, and would have sent what has not been sent here. Empty: it would not have had anybody to send to.
func (f *facts) cloud() string {
	own, committed := f.own(), time.UnixMilli(f.trace.Event.Time)
	switch {
	case len(own) > 0 && own[0].Number > firstNumber:
		return "is not known: the first attempt is not on record"
	case len(own) > 0:
	case f.early():
		return ""
	case !f.glimpse.BreakerSince.IsZero() && f.glimpse.BreakerSince.Before(committed):
		return "would have lost it at " + clock(committed) + ": the App backend accepted nothing then"
	case f.now.Sub(committed) <= policy.CloudPatience:
		return "not known yet"
	default:
		return "would have sent it once, at " + clock(committed) + ", and lost it unless it was accepted then"
	}
	switch a := &own[0]; {
	case a.Cloud == eventlog.Failed:
		return "would have lost it at " + clock(a.At) + ": it sends once"
	case a.Durable == eventlog.Delivered:
		return "would have delivered it"
	}
	return "would have counted it as delivered at " + clock(own[0].At) + ", whatever the answer says"
}
