package operate

import (
	"fmt"
	"strings"
	"time"

	"github.com/callboard/callboard/internal/delivery"
)

// story tells what the facts come to.
func (f *facts) story() Story {
	n := f.find()
	s := Story{
		Event: f.id.String(), State: n.state, Because: n.because, Says: n.says, Do: n.do, Reader: f.reader, Also: f.also(&n),
		Attempts: []DeliveryRow{},
	}
	if n.behind != 0 {
		s.Behind = f.eventID(n.behind)
	}
	if !n.next.IsZero() {
		s.NextTry = n.next.UnixMilli()
	}
	if e := f.trace.Event; e != nil && f.known() {
		s.Lane, s.Command, s.RoomSeq, s.Callback = string(e.Lane), e.Command, e.RoomSeq, e.Callback
		s.Committed = &Commit{Time: e.Time, Operator: e.Operator, ClientIP: e.ClientIP, OptPlatform: e.Platform, RequestID: e.Cause}
		if e.Callback {
			s.Cloud = f.cloud()
		}
		s.Attempts = f.rows()
	}
	s.Text = f.text(&s)
	return s
}

// rows are the attempts of all readers, those that are not stored yet included.
func (f *facts) rows() []DeliveryRow {
	e, rows := f.trace.Event, []DeliveryRow{}
	for _, a := range f.own() {
		rows = append(rows, deliveryRow(f.id.App, f.trace.Log, f.reader, &Delivery{a, e.Lane, e.Command}))
	}
	for i := range f.trace.Attempts {
		if t := &f.trace.Attempts[i]; t.Reader != f.reader {
			rows = append(rows, deliveryRow(f.id.App, f.trace.Log, t.Reader, &Delivery{t.Attempt, e.Lane, e.Command}))
		}
	}
	return rows
}

// also are what else stands in the way, and redeliveries that are to send the event.
func (f *facts) also(n *finding) []string {
	list := []string{}
	h := f.held()
	if n.state == IsWaiting && h != nil && h.Attempts > 0 && n.because != ByItself && n.because != ByLane {
		who := "It"
		if h.Next != f.id.Seq {
			who = f.eventID(h.Next) + ", which is before it in its lane,"
		}
		list = append(list, fmt.Sprintf("%s was refused %s: %s.", who, times(h.Attempts), h.Why))
	}
	for _, r := range f.trace.Redeliveries { // one of dead letters only does not send what is none
		if r.Finished.IsZero() && r.Reader != f.reader && n.state != IsGivenUp && !r.DeadOnly {
			list = append(list, fmt.Sprintf("%s, asked for by %s at %s, is to send it again.", r.Reader, r.By, stamp(r.At)))
		}
	}
	return list
}

// text is the story for a person: the answer first, then what it rests on.
func (f *facts) text(s *Story) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", s.Event, s.State)
	if s.Because != "" {
		fmt.Fprintf(&b, " (%s)", s.Because)
	}
	fmt.Fprintf(&b, "\n\n%s\n", s.Says)
	for _, line := range s.Also {
		fmt.Fprintf(&b, "%s\n", line)
	}
	if s.Do != "" {
		fmt.Fprintf(&b, "\nWhat to do: %s\n", s.Do)
	}
	if s.Committed == nil {
		return b.String()
	}
	fmt.Fprintf(&b, "\nlane       %s, number %d in it\ncommand    %s\ncommitted  %s\n", s.Lane, s.RoomSeq, s.Command, f.committed(s.Committed))
	if s.Cloud != "" {
		fmt.Fprintf(&b, "the cloud  %s\n", s.Cloud)
	}
	if len(s.Attempts) == 0 && s.Callback {
		b.WriteString("attempts   none\n")
	}
	for i := range s.Attempts {
		a := &s.Attempts[i]
		if i > 0 && a.Reader == s.Attempts[i-1].Reader && a.Number > s.Attempts[i-1].Number+1 {
			fmt.Fprintf(&b, "           … %d more …\n", a.Number-s.Attempts[i-1].Number-1)
		}
		fmt.Fprintf(&b, "attempt    %s\n", attempt(a))
	}
	return b.String()
}

func (f *facts) committed(c *Commit) string {
	at := time.UnixMilli(c.Time)
	text := stamp(at) + ", " + short(max(f.now.Sub(at), 0)) + " ago, by " + c.Operator
	if c.ClientIP != "" {
		text += " from " + c.ClientIP
	}
	if c.OptPlatform != "" {
		text += " (" + c.OptPlatform + ")"
	}
	if c.RequestID != "" {
		text += ", RequestId " + c.RequestID
	}
	return text
}

func attempt(d *DeliveryRow) string {
	text := fmt.Sprintf("%d at %s, %s: %s", d.Number, stamp(time.UnixMilli(d.Time)), short(time.Duration(d.Duration*float64(time.Millisecond))), d.Reason)
	if d.Reader != delivery.CallbackReader {
		text = d.Reader + " " + text
	}
	text += "; " + d.Counted
	if d.Durable != d.Cloud || d.Durable != d.Counted {
		text += fmt.Sprintf(" (durable: %s, cloud: %s)", d.Durable, d.Cloud)
	}
	if d.Answer != "" {
		text += fmt.Sprintf("; answer %q", d.Answer)
	}
	return text
}

// stamp is a time as a person reads it in a log, clock without its day.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
func clock(t time.Time) string { return t.UTC().Format("15:04:05 UTC") }

// in says when something is to happen.
func (f *facts) in(t time.Time) string {
	if !t.After(f.now) {
		return "is due"
	}
	return fmt.Sprintf("is at %s, in %s", clock(t), short(t.Sub(f.now)))
}

// short is a duration in the unit that fits.
func short(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	text := d.Round(time.Second).String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// after says after how many attempts something happened.
func after(n int) string {
	switch n {
	case 0:
		return "without an attempt"
	case 1:
		return "after one attempt"
	}
	return fmt.Sprintf("after %d attempts", n)
}

// times counts attempts.
func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}
