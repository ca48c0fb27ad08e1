package operate

import (
	"fmt"
	"slices"
	"time"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// finding is what the facts come to.
type finding struct {
	state   Outcome
	because Cause
	says    string
	do      string
	behind  int64
	next    time.Time
}

// find judges the facts.
func (f *facts) find() finding {
	t := &f.trace
	switch {
	case t.Log == "":
		return finding{state: IsUnknown, says: "The App has no log here.", do: "Check sdkappid and the server that you ask."}
	case f.id.Log != t.Log:
		return finding{
			state: IsUnknown, says: fmt.Sprintf("It is of another log, %s; the App's log is %s.", f.id.Log, t.Log),
			do: "The log was renewed after a restore or a failover, or you ask another server. Read the rooms and compare with nothing kept.",
		}
	case f.id.Seq > t.Head:
		return finding{
			state: IsUnknown, says: fmt.Sprintf("There is no such event: the last number of the log is %d.", t.Head),
			do: "Check the number. If a callback with it has arrived, this database is older than that: it was restored.",
		}
	case t.Event == nil:
		return f.forgotten()
	case !t.Event.Callback:
		return f.noCallback()
	case t.Dead != nil:
		return f.givenUp()
	}
	return f.fate()
}

func (f *facts) forgotten() finding {
	return finding{
		state: IsForgotten,
		says:  fmt.Sprintf("The log has forgotten it: it begins at %d now. What is forgotten was settled before; it is no dead letter.", f.trace.Floor+1),
		do:    "To see whether the App backend has it, compare the room as it is. retention.log in the config says how long events are kept.",
	}
}

func (f *facts) noCallback() finding {
	return finding{
		state: IsNoCallback,
		says:  fmt.Sprintf("It is logged and not called back: when it was committed, %s was switched off, or there was no callback URL.", f.trace.Event.Command),
		do:    "Switch the command on with update_callback for what comes. This event stays as it is; the App backend has to read the room.",
	}
}

func (f *facts) givenUp() finding {
	d := f.trace.Dead
	n := finding{
		state: IsGivenUp,
		says:  fmt.Sprintf("It was given up at %s %s: %s. It is kept as a dead letter.", stamp(d.At), after(d.Attempts), d.Why),
		do:    "Mend the App backend, then: " + f.redeliver(),
	}
	for _, r := range slices.Backward(f.trace.Redeliveries) {
		if r.Finished.IsZero() {
			n.says += " " + r.Reader + " is to send it again."
			n.do = "Wait for it: callboard why --reader " + r.Reader + " " + f.eventID(f.id.Seq)
			break
		}
	}
	return n
}

// fate is that of a callback which the log, or a dead letter that a redelivery has taken along, knows.
func (f *facts) fate() finding {
	if a := f.accepted(); a != nil {
		return finding{
			state: IsDelivered,
			says:  fmt.Sprintf("It was delivered at %s: status %d after %s, attempt %d.", stamp(a.At.Add(a.Duration)), a.Status, short(a.Duration), a.Number),
		}
	}
	switch s := f.trace.Standing; {
	case s == nil || f.redelivers() && f.redelivery() == nil:
		return f.noReader()
	case s.Settled(f.id.Seq):
		return f.settled()
	case f.unwanted():
		return f.discarded()
	}
	return f.waiting()
}

// redelivers tells whether the reader has the name of a redelivery.
func (f *facts) redelivers() bool { return eventlog.IsRedelivery(f.reader) }

// redelivery is the reader's, if it names the event.
func (f *facts) redelivery() *Redelivery {
	for i := range f.trace.Redeliveries {
		if r := &f.trace.Redeliveries[i]; r.Reader == f.reader {
			return r
		}
	}
	return nil
}

func (f *facts) noReader() finding {
	switch r := f.redelivery(); {
	case r != nil:
		n := finding{
			state: IsNotReaders, says: fmt.Sprintf("%s ended at %s, and the event was not accepted in it.", f.reader, stamp(r.Finished)),
			do: "To try once more: " + f.redeliver(),
		}
		if _, there := delivery.DestinationOf(r.Of(), f.app); !there {
			n.do = fmt.Sprintf("Nothing: it was for %s, and the config has no such endpoint any more.", r.Of())
		}
		return n
	case f.redelivers():
		return finding{
			state: IsNotReaders, says: fmt.Sprintf("%s does not send it: there is no such redelivery, or it names other events.", f.reader),
			do: "Leave --reader out to ask for the reader of the callback URL.",
		}
	}
	return finding{
		state: IsNotReaders, says: fmt.Sprintf("There is no reader %s that would send it.", f.reader),
		do: "callback is the reader of the callback URL; leave --reader out to ask for it.",
	}
}

func (f *facts) discarded() finding {
	n := finding{
		state: IsDiscarded, says: "Nobody wanted it any more: it was discarded.",
		do: "The lane's next callback announces the hole. To send it all the same: " + f.redeliver(),
	}
	if d := f.trace.Discarded; d != nil {
		n.says = fmt.Sprintf("Nobody wanted it any more: %s discarded what waited at %s (%s).", d.By, stamp(d.At), d.Command)
	}
	return n
}

// tooEarly is what came of an event from before the reader's time.
func (f *facts) tooEarly() finding {
	n := finding{state: IsNotReaders, do: "To send it there all the same: " + f.redeliver()}
	switch begun := f.trace.Standing.Begun; {
	case f.reader != delivery.CallbackReader:
		n.says = fmt.Sprintf("%s began after number %d, with the config that named it: what was there before is not sent to it.", f.reader, begun)
	case f.id.Seq <= begun:
		n.says = fmt.Sprintf("It was for the endpoints only: the callback had no URL when it was committed. It has had one since after number %d.", begun)
	default:
		n.says = "It was for the endpoints only: the callback has no URL."
		n.do = "Set the URL of the callback with update_callback or in the config. Then, to send this one there: " + f.redeliver()
	}
	return n
}

// failed is what came of an event that profile cloud has lost, whatever the profile is now.
func (f *facts) failed(a *eventlog.Attempt) finding {
	n := finding{
		state: IsFailed, says: fmt.Sprintf("It is lost, as with the documented service: %s at %s. The profile was cloud, which never tries again.", a.Why, stamp(a.At)),
		do: "To send it again: " + f.redeliver(),
	}
	if f.to().Delivery.Profile == live.Cloud {
		n.do += ". To lose none: delivery: {profile: durable} in the config."
	}
	return n
}

// gaveUp is what came of an event that was given up and whose dead letter is not there any more.
func (f *facts) gaveUp(a *eventlog.Attempt) finding {
	left := "Its dead letter has left since, by age or number, or with a redelivery that was accepted."
	if f.redelivers() {
		left = "What a redelivery sends was settled before, and a dead letter stays one."
	}
	return finding{
		state: IsGivenUp,
		says:  fmt.Sprintf("It was given up at %s %s: %s. %s", stamp(a.At.Add(a.Duration)), after(a.Number), a.Why, left),
		do:    "To send it again: " + f.redeliver(),
	}
}

// settled is what came of an event that is settled and was not accepted.
func (f *facts) settled() finding {
	own := f.own()
	switch {
	case f.again() != nil:
		t := f.again()
		return finding{
			state: IsDelivered,
			says:  fmt.Sprintf("It was not accepted at first, and delivered at %s by %s.", stamp(t.At.Add(t.Duration)), t.Reader),
		}
	case f.early():
		return f.tooEarly()
	case len(own) > 0 && own[len(own)-1].Counted == eventlog.Failed:
		return f.failed(&own[len(own)-1])
	case len(own) > 0 && own[len(own)-1].Counted == eventlog.GivenUp:
		return f.gaveUp(&own[len(own)-1])
	case f.unwanted():
		return f.discarded()
	}
	return finding{
		state: IsSettled,
		says:  "It is settled, and how is not known any more: it was given up for its age, and its dead letter has left since; or the record of the attempt that was accepted is lost.",
		do:    "To send it again: " + f.redeliver(),
	}
}

// waiting says what an event that is not settled waits for. What stops all comes before what stops a lane, and that before what
// only takes its time.
func (f *facts) waiting() finding {
	for _, look := range []func() (finding, bool){f.stopped, f.refusing, f.laneBusy, f.crowded} {
		if n, ok := look(); ok {
			n.state = IsWaiting
			return n
		}
	}
	return finding{state: IsWaiting, because: ByNothing, says: "Nothing stands in its way: it is about to be sent.", do: "Ask again in a second."}
}

// stopped is what keeps the reader from sending at all, and is no doing of the App backend's answers.
func (f *facts) stopped() (finding, bool) {
	g, paused := &f.glimpse, f.trace.Standing.Paused
	switch {
	case paused != "":
		return finding{
			because: ByPause, says: fmt.Sprintf("%s until somebody resumes: %s.", f.pausedIs(), paused),
			do: "callboard resume" + f.readerFlag(),
		}, true
	case f.silent:
		return finding{
			because: BySilence, says: "Delivery did not say within a second what it is doing.",
			do: "See /readyz and the server's log: a slow disk or a busy machine is the usual reason.",
		}, true
	case !g.StoreFails.IsZero():
		return finding{
			because: ByStore, says: fmt.Sprintf("The database has failed since %s: nothing is sent that could not be recorded.", stamp(g.StoreFails)),
			do: "See /readyz and the server's log. It goes on by itself when the database is back.",
		}, true
	case f.to().URL == "":
		return finding{
			because: ByNoURL, says: "There is no URL to send it to now.",
			do: "Set that of the callback with set_callback, that of an endpoint in the config.",
		}, true
	}
	return finding{}, false
}

// refusing is what the App backend's answers have led to, for all lanes.
func (f *facts) refusing() (finding, bool) {
	g := &f.glimpse
	switch {
	case g.Gone:
		return finding{
			because: ByGone, says: "The App backend answered 410 (Gone) in 5 lanes in a row: everything is paused.",
			do: "Set the right URL (update_callback, or the config for an endpoint), which goes on at once; or callboard resume" + f.readerFlag(),
		}, true
	case !g.BreakerSince.IsZero():
		return finding{
			because: ByBreaker, next: g.Probe,
			says: fmt.Sprintf("The App backend has accepted nothing since %s, so one callback at a time is tried; the next %s.", stamp(g.BreakerSince), f.in(g.Probe)),
			do:   "Look at the App backend. When it accepts one again, everything follows in order.",
		}, true
	case g.Later.After(f.now):
		return finding{
			because: ByRequest, next: g.Later, says: fmt.Sprintf("The App backend asked to be left alone (429 or 503 with Retry-After) until %s.", stamp(g.Later)),
			do: "Nothing, unless that is wrong: new callback settings, or callboard resume, end the wait.",
		}, true
	}
	return finding{}, false
}

// laneBusy is what the lane waits for.
func (f *facts) laneBusy() (finding, bool) {
	g, h, first := &f.glimpse, f.held(), f.first()
	own := first == f.id.Seq
	switch {
	case own && g.Lane.Sending:
		return finding{
			because: InFlight, says: fmt.Sprintf("It is being sent right now; an attempt takes at most %s.", f.to().Delivery.Timeout),
			do: "Ask again in a moment.",
		}, true
	case own && h != nil && h.Attempts > 0:
		return f.failing(h), true
	case g.Lane.Crossed:
		return finding{
			because: ByCrossing, behind: f.unless(first), says: "Another reader is sending a callback of its lane to the same App backend, and there is one at a time.",
			do: "Nothing: its turn is next.",
		}, true
	case first != 0 && first < f.id.Seq:
		return f.behind(h, first), true
	}
	return finding{}, false
}

// unless is the number, unless it is that of the event itself.
func (f *facts) unless(first int64) int64 {
	if first == f.id.Seq {
		return 0
	}
	return first
}

func (f *facts) failing(h *eventlog.Held) finding {
	return finding{
		because: ByItself, next: h.Try,
		says: fmt.Sprintf("The App backend does not accept it: tried %s, the last answer: %s. The next try %s.", times(h.Attempts), h.Why, f.in(h.Try)),
		do:   fmt.Sprintf("Look into the App backend's log for this event and lane %s. %s", f.trace.Event.Lane, f.giveUp(h)),
	}
}

func (f *facts) giveUp(h *eventlog.Held) string {
	after := f.to().Delivery.GiveUpAfter
	if after == 0 {
		return "It is never given up before the log's age ends it."
	}
	return fmt.Sprintf("It is given up after %s of failing while others are accepted; so far %s.", short(after), short(h.Failing))
}

func (f *facts) behind(h *eventlog.Held, first int64) finding {
	n := finding{because: ByLane, behind: first, do: "callboard why " + f.eventID(first) + f.readerFlag()}
	switch {
	case f.glimpse.Lane.Sending:
		n.says = fmt.Sprintf("It waits behind %s, an earlier one of its lane, which is being sent now.", f.eventID(first))
	case h != nil && h.Attempts > 0:
		n.next = h.Try
		n.says = fmt.Sprintf("It waits behind %s, an earlier one of its lane, which was refused %s: %s. The next try %s.",
			f.eventID(first), times(h.Attempts), h.Why, f.in(h.Try))
	default:
		n.says = fmt.Sprintf("It waits behind %s, an earlier one of its lane, whose turn is first.", f.eventID(first))
	}
	return n
}

// crowded is what only takes its time.
func (f *facts) crowded() (finding, bool) {
	g := &f.glimpse
	switch {
	case g.Unstored:
		return finding{
			because: ByUnstored, says: "Much was delivered that is not stored yet; nothing more is sent until it is.",
			do: "Look at the disk (callboard_settle_seconds) when this lasts.",
		}, true
	case g.Read < f.id.Seq && g.MaxHeld > 0 && g.HeldLanes >= g.MaxHeld:
		return finding{
			because: ByHeld, says: fmt.Sprintf("%d lanes are set aside, as many as may be: nothing more is read until some of them drain.", g.HeldLanes),
			do: "Look why so many rooms are refused: callboard deliveries --state retried" + f.readerFlag(),
		}, true
	case g.Read < f.id.Seq && g.Crowded:
		return finding{
			because: ByWindow, says: fmt.Sprintf("The reader is at number %d and has as many callbacks in memory as it may.", g.Read),
			do: "The App backend is slower than the changes come. More concurrency in the config (delivery.concurrency) may help, if it can bear it.",
		}, true
	case g.InLine || g.Allowed > 0 && g.InFlight >= g.Allowed:
		return finding{
			because: BySlots, says: slotsTaken(g),
			do: "The App backend is slow, or that of other Apps. See callboard_attempt_seconds, and delivery.concurrency in the config.",
		}, true
	}
	return finding{}, false
}

func slotsTaken(g *delivery.Glimpse) string {
	if g.InLine {
		return fmt.Sprintf("The slots of all Apps are taken, and it stands in line for one; %d attempts of the App are in flight.", g.InFlight)
	}
	return fmt.Sprintf("As many attempts of the App are in flight as may be: %d.", g.InFlight)
}

func (f *facts) pausedIs() string {
	if f.reader == delivery.CallbackReader {
		return "Callbacks are paused"
	}
	return f.reader + " is paused"
}

// redeliver is the command line that sends the event again, to where the reader sends.
func (f *facts) redeliver() string {
	of := f.reader
	if r := f.redelivery(); r != nil {
		of = r.Of()
	}
	line := "callboard redeliver --event " + f.eventID(f.id.Seq)
	if of != delivery.CallbackReader && !eventlog.IsRedelivery(of) {
		line += " --reader " + of
	}
	return line
}

// readerFlag names another reader than that of the callback URL on a command line.
func (f *facts) readerFlag() string {
	if f.reader == delivery.CallbackReader {
		return ""
	}
	return " --reader " + f.reader
}
