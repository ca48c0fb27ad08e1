package callback

import (
	"context"
	"database/sql"
	"errors"
	"iter"
)

// errChanged ends a snapshot during which the server's log became another one.
var errChanged = errors.New("callback: the server's log changed while the snapshot was read")

// snapshot is a reading of all rooms within a transaction, one page in memory at a time.
type snapshot struct {
	inbox *Inbox
	ctx   context.Context // of the one call that made it
	tx    *sql.Tx
	page  *snapshotPage
	start position // from which the feed makes it exact: that of the first page
	begun bool
	done  bool  // the last page was read
	err   error // what ended the reading before
}

// openSnapshot reads the first page.
func (i *Inbox) openSnapshot(ctx context.Context, tx *sql.Tx) (*snapshot, error) {
	page, err := i.snapshotPage(ctx, "")
	if err != nil {
		return nil, err
	}
	return &snapshot{inbox: i, ctx: ctx, tx: tx, page: page, start: page.Position}, nil
}

// read hands the rooms to the App backend and stores the numbers of their lanes. What the App backend makes of an error
// does not matter: a snapshot that was not read to its end is none.
func (s *snapshot) read() error {
	use := s.inbox.OnSnapshot
	if use == nil {
		use = count
	}
	err := recovered(func() error { return use(s.ctx, s.tx, s.rooms()) })
	switch {
	case err != nil:
		return err
	case s.err != nil:
		return s.err
	case !s.done:
		return errors.New("callback: Inbox.OnSnapshot has to read the rooms to the end")
	}
	return nil
}

// count reads the rooms of an App backend that keeps none: the numbers are stored on the way.
func count(_ context.Context, _ *sql.Tx, rooms iter.Seq2[Room, error]) error {
	for _, err := range rooms {
		if err != nil {
			return err
		}
	}
	return nil
}

// rooms reads page after page. The numbers of a page are stored before its first room is handed over.
func (s *snapshot) rooms() iter.Seq2[Room, error] {
	return func(yield func(Room, error) bool) {
		if s.begun {
			yield(Room{}, errors.New("callback: the rooms of a snapshot can be read once"))
			return
		}
		s.begun = true
		for !s.done {
			if s.err = s.inbox.addLanes(s.ctx, s.tx, s.page.Rooms); s.err != nil {
				yield(Room{}, s.err)
				return
			}
			for _, room := range s.page.Rooms {
				if !yield(room, nil) {
					return
				}
			}
			if s.err = s.turn(); s.err != nil {
				yield(Room{}, s.err)
				return
			}
		}
	}
}

// turn reads the next page, if there is one.
func (s *snapshot) turn() error {
	if s.page.Next == "" {
		s.done = true
		return nil
	}
	page, err := s.inbox.snapshotPage(s.ctx, s.page.Next)
	switch {
	case err != nil:
		return err
	case page.Log != s.start.log:
		return errChanged
	case page.Next == s.page.Next:
		return errors.New("callback: snapshot: a page names itself as the next one")
	}
	s.page = page
	return nil
}
