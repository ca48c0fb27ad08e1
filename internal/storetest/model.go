package storetest

import (
	"maps"
	"slices"
	"time"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// model is what one App's log, readers and dead letters should be.
type model struct {
	app live.AppID
	// events are all that there ever were; the log begins with the number first.
	events  []eventlog.Event
	first   int64
	roomSeq int64 // the largest that was forgotten
	rooms   map[live.RoomID]eventlog.LaneState
	readers map[string]*modelReader
	names   []string // of all readers that there ever were
	// endpoints are the names that the settings have, and version counts the settings.
	endpoints []string
	version   int64
	// By the reader's name, as rows that outlive it.
	dead     map[string]map[int64]DeadLetter
	attempts map[string]map[int64]eventlog.Attempt // of each event one, the first
}

type modelReader struct {
	fence      int64
	cursor     eventlog.Cursor
	paused     eventlog.Reason
	held       map[eventlog.Lane]eventlog.Held
	skips      map[eventlog.Lane]eventlog.Skip
	redelivery *delivery.Redelivery
}

func newModel(app live.AppID) *model {
	m := &model{
		app: app, first: 1, version: 1, rooms: map[live.RoomID]eventlog.LaneState{}, readers: map[string]*modelReader{},
		dead: map[string]map[int64]DeadLetter{}, attempts: map[string]map[int64]eventlog.Attempt{},
	}
	m.addReader(delivery.CallbackReader, 0, nil)
	return m
}

func (m *model) addReader(name string, done int64, r *delivery.Redelivery) {
	m.readers[name] = &modelReader{
		cursor: eventlog.NewCursor(done), redelivery: r,
		held: map[eventlog.Lane]eventlog.Held{}, skips: map[eventlog.Lane]eventlog.Skip{},
	}
	if !slices.Contains(m.names, name) {
		m.names = append(m.names, name)
		m.attempts[name] = map[int64]eventlog.Attempt{}
	}
	m.dead[name] = map[int64]DeadLetter{}
}

// configured has other endpoints; it returns the readers that are new.
func (m *model) configured(endpoints []string) (added []string) {
	m.version++
	for _, endpoint := range m.endpoints {
		if !slices.Contains(endpoints, endpoint) {
			m.dismiss(delivery.EndpointReader(endpoint))
		}
	}
	for _, endpoint := range endpoints {
		if name := delivery.EndpointReader(endpoint); !slices.Contains(m.endpoints, endpoint) {
			m.addReader(name, m.head(), nil)
			m.readers[name].fence = m.version << 32
			added = append(added, name)
		}
	}
	m.endpoints = endpoints
	return added
}

// dismiss removes a reader and the redeliveries of its callbacks; what was attempted stays.
func (m *model) dismiss(name string) {
	delete(m.readers, name)
	m.dead[name] = map[int64]DeadLetter{}
	maps.DeleteFunc(m.readers, func(_ string, r *modelReader) bool { return r.redelivery != nil && r.redelivery.Of() == name })
}

func (m *model) head() int64 { return int64(len(m.events)) }

// log is what is not forgotten.
func (m *model) log() []eventlog.Event { return m.events[m.first-1:] }

// lane is what a transaction loads of a room's lane.
func (m *model) lane(id live.RoomID) eventlog.LaneState {
	if state, ok := m.rooms[id]; ok {
		return state
	}
	log := m.log()
	for i := len(log) - 1; i >= 0; i-- {
		if log[i].Lane == eventlog.ControlLane(string(id)) {
			return eventlog.After(&log[i])
		}
	}
	return eventlog.LaneState{Seq: m.roomSeq}
}

// append numbers events of a room and returns them.
func (m *model) append(id live.RoomID, gone bool, events []eventlog.Event) []eventlog.Event {
	lane, from := m.lane(id), len(m.events)
	for _, e := range events {
		lane = lane.Next(&e, 1_000)
		e.Seq, e.Prev = m.head()+1, m.lastCallback()
		m.events = append(m.events, e)
	}
	if m.rooms[id] = lane; gone {
		delete(m.rooms, id)
	}
	return m.events[from:]
}

func (m *model) lastCallback() int64 {
	for i := len(m.events) - 1; i >= 0; i-- {
		if m.events[i].Callback {
			return int64(i + 1)
		}
	}
	return 0
}

// settle applies a settlement whose fence is right.
func (m *model) settle(s *delivery.Settlement) {
	name := s.Reader.Name
	r := m.readers[name]
	r.cursor, r.paused = s.Cursor, s.Paused
	for _, lane := range s.Release {
		delete(r.held, lane)
	}
	for _, h := range s.Hold {
		r.held[h.Lane] = h
	}
	for _, a := range s.Attempts {
		m.attempts[name][a.Seq] = a
	}
	for _, d := range s.Dead {
		if _, ok := m.dead[name][d.Seq]; !ok && d.Seq >= m.first && d.Seq <= m.head() {
			m.dead[name][d.Seq] = DeadLetter{d, m.events[d.Seq-1]}
		}
	}
	for _, seq := range s.Revived {
		delete(m.dead[s.RevivedOf], seq)
	}
	for _, lane := range s.Told {
		delete(r.skips, lane)
	}
	for _, k := range s.Skip {
		r.skips[k.Lane] = k
	}
	if s.Finished {
		delete(m.readers, name)
	}
}

// forget returns how many events go.
func (m *model) forget(to int64, limit int) int {
	last := min(to, m.head(), m.first-1+int64(limit))
	for _, r := range m.readers {
		if r.redelivery != nil && r.redelivery.DeadOnly {
			continue // dead letters have bytes of their own
		}
		last = min(last, r.cursor.Done())
		for _, h := range r.held {
			last = min(last, h.Next-1)
		}
	}
	n := 0
	for ; m.first <= last; m.first++ {
		n++
		m.roomSeq = max(m.roomSeq, m.events[m.first-1].RoomSeq)
	}
	if n == 0 {
		return 0
	}
	for _, attempts := range m.attempts {
		maps.DeleteFunc(attempts, func(seq int64, _ eventlog.Attempt) bool { return seq < m.first })
	}
	for _, r := range m.readers {
		maps.DeleteFunc(r.skips, func(_ eventlog.Lane, k eventlog.Skip) bool { return k.Seq < m.first })
	}
	return n
}

// forgetDead returns how many dead letters go by age and beyond keep; limit is never reached.
func (m *model) forgetDead(before time.Time, keep int) (aged, beyond int) {
	for _, letters := range m.dead {
		there := len(letters)
		maps.DeleteFunc(letters, func(_ int64, d DeadLetter) bool { return d.At.Before(before) })
		aged += there - len(letters)
		left := slices.Sorted(maps.Keys(letters))
		for ; len(left) > keep; left = left[1:] {
			delete(letters, left[0])
			beyond++
		}
	}
	return aged, beyond
}

// again are the numbers that a redelivery sends.
func (m *model) again(r delivery.Redelivery) (seqs []int64) {
	for seq := max(r.From, 1); seq <= min(r.To, m.head()); seq++ {
		e := m.events[seq-1]
		_, dead := m.dead[r.Of()][seq]
		there := dead || seq >= m.first && !r.DeadOnly
		if there && e.Callback && (r.Lane == "" || r.Lane == e.Lane) {
			seqs = append(seqs, seq)
		}
	}
	return seqs
}

// backlog is nil when the reader has nothing to do.
func (m *model) backlog(name string) *delivery.Backlog {
	r := m.readers[name]
	done := r.cursor.Done()
	if done >= m.head() && len(r.held) == 0 && r.redelivery == nil {
		return nil
	}
	b := &delivery.Backlog{
		Reader: delivery.ReaderID{App: m.app, Name: name}, Oldest: done + 1, Head: m.head(), Held: len(r.held), Paused: r.paused != "",
	}
	for _, h := range r.held {
		b.Oldest = min(b.Oldest, h.Next)
	}
	if seq := max(b.Oldest, m.first); seq <= m.head() {
		b.Since = time.UnixMilli(m.events[seq-1].Time)
	}
	return b
}
