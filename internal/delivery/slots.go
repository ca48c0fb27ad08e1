package delivery

import "sync"

// slots are the attempts that may be in flight in all. Readers that find none free wait in line: whoever waited longest is
// served first, one slot each time, so that no number of busy or hung Apps keeps another one waiting for long.
//
// There are three lines. A reader with few attempts in flight goes before one with many, for which the last quarter of the
// slots is not there. A suspect reader, whose App backend took long to answer or accepts nothing, has an eighth of the slots
// for certain and half of them at most: attempts that will hang cannot take them all.
//
// They also bound what is recorded of attempts and not stored: when that is too much, nobody gets a slot until it is.
type slots struct {
	limit   int // in flight
	records int // in flight or recorded and not stored

	mu       sync.Mutex
	flying   int
	suspects int // of them
	kept     int // recorded and not stored
	lines    [3]line
	last     int // ticket, of all lines: a place that was left in one must not look like one that was taken in another
}

type rank int

const (
	small   rank = iota // fewer than fewInFlight
	big                 // more
	suspect             // the App backend is slow, or accepts nothing
)

const fewInFlight = 4

// seat is a reader's place in the lines.
type seat struct {
	call func() // tells the reader that it was served

	// Guarded by the mutex of the slots.
	ticket  int  // of its place in a line; 0: it is in none
	line    rank // that it waits in
	served  bool // it has a slot that it has not taken yet
	granted rank // of that slot
}

// line is first in, first out. Who has left it is passed over.
type line struct {
	places []place
	head   int
}

type place struct {
	*seat
	ticket int
}

func newSlots(limit, records int) *slots { return &slots{limit: limit, records: records} }

// take gets the reader a slot, which give returns: the one that it was served, or a free one when nobody waits before it.
// Otherwise the reader waits in line and is called.
func (s *slots) take(who *seat, as rank) (rank, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if who.served {
		who.served = false
		return who.granted, true
	}
	if who.ticket != 0 && as >= who.line {
		return 0, false
	}
	who.ticket = 0 // its standing has become better: it does not have to stay behind all who have few attempts in flight
	if s.empty() && s.free(as) {
		s.count(as, 1)
		return as, true
	}
	s.last++
	who.ticket, who.line = s.last, as
	s.lines[as].join(who)
	s.serve()
	if who.served {
		who.served = false
		return who.granted, true
	}
	return 0, false
}

// give returns a slot. recorded tells whether its attempt is recorded, which counts until stored is told of it.
func (s *slots) give(as rank, recorded bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count(as, -1)
	if recorded {
		s.kept++
	}
	s.serve()
}

// keep notes attempts that were recorded without a slot; stored tells that so many are stored, or given up.
func (s *slots) keep(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept += n
}

func (s *slots) stored(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept -= n
	s.serve()
}

// leave gives up what the reader was served or waits for: it has nothing to send.
func (s *slots) leave(who *seat) {
	s.mu.Lock()
	defer s.mu.Unlock()
	who.ticket = 0
	if who.served {
		who.served = false
		s.count(who.granted, -1)
		s.serve()
	}
}

// waits tells whether the reader is in a line.
func (s *slots) waits(who *seat) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return who.ticket != 0
}

// idle tells whether a slot is free that somebody waits for, which never stays so.
func (s *slots) idle() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.next()
	return ok
}

func (s *slots) count(as rank, n int) {
	s.flying += n
	if as == suspect {
		s.suspects += n
	}
}

func (s *slots) empty() bool {
	for i := range s.lines {
		if s.lines[i].first() != nil {
			return false
		}
	}
	return true
}

// free tells whether there is a slot for somebody of that rank.
func (s *slots) free(as rank) bool {
	if s.flying >= s.limit || s.flying+s.kept >= s.records {
		return false
	}
	switch as {
	case big:
		return s.flying < max(s.limit*3/4, 1)
	case suspect:
		return s.suspects < max(s.limit/2, 1)
	}
	return true
}

// serve gives free slots to those who wait.
func (s *slots) serve() {
	for {
		as, ok := s.next()
		if !ok {
			return
		}
		who := s.lines[as].pop()
		who.served, who.granted = true, as
		s.count(as, 1)
		who.call()
	}
}

// next is the line whose first is to be served now.
func (s *slots) next() (rank, bool) {
	waits := func(as rank) bool { return s.lines[as].first() != nil && s.free(as) }
	if s.suspects < max(s.limit/8, 1) && waits(suspect) {
		return suspect, true
	}
	for _, as := range []rank{small, big, suspect} {
		if waits(as) {
			return as, true
		}
	}
	return 0, false
}

func (l *line) join(who *seat) { l.places = append(l.places, place{who, who.ticket}) }

// first is who is to be served first, nil when nobody waits.
func (l *line) first() *seat {
	for l.head < len(l.places) {
		if p := l.places[l.head]; p.seat.ticket == p.ticket {
			return p.seat
		}
		l.drop()
	}
	return nil
}

func (l *line) pop() *seat {
	who := l.first()
	who.ticket = 0
	l.drop()
	return who
}

// drop takes the first place out, and gives memory back now and then.
func (l *line) drop() {
	l.places[l.head] = place{}
	if l.head++; l.head == len(l.places) {
		l.places, l.head = l.places[:0], 0
	} else if l.head > 1024 && l.head > len(l.places)/2 {
		l.places = append([]place(nil), l.places[l.head:]...)
		l.head = 0
	}
}
