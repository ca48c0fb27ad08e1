package callback

import (
	"context"
	"errors"
	"fmt"
)

// Report is what an Inbox knows about its completeness at one moment.
type Report struct {
	// Log is the current log. Every callback of it up to Seq is here but for Holes; without Missing, Seq was the end of the
	// log when Check began.
	Log string
	Seq int64
	// Lanes counts the lanes that were compared.
	Lanes int
	// Missing has the lanes that could not be completed, each with its first missing callback; at most 1,000.
	Missing []Missing
	// Holes has what the server gave up and announced and nobody had sent again, at most 1,000 ranges. A redelivery fills them.
	Holes []Hole
	// Forgotten has those that nothing can fill any more: neither the log nor a dead letter has what was skipped. It is
	// lost. Check has removed them and tells them this once; at most 1,000 ranges, the others the next time.
	Forgotten []Hole
	// Waiting counts the callbacks that the server has not settled. All of them may be here already.
	Waiting int64
}

// Complete tells that every callback that there was when Check began was handed over, or was in the snapshot.
func (r *Report) Complete() bool {
	return len(r.Missing) == 0 && len(r.Holes) == 0 && len(r.Forgotten) == 0
}

// Missing is a callback that was not handed over, though the feed was read.
type Missing struct {
	Lane string
	// RoomSeq and Seq are the numbers of the callback. Seq is 0 where the feed does not have it.
	RoomSeq, Seq int64
	// Late tells that the server has not settled the callback and so will send it, or send it again. Otherwise it is
	// lost, unless a person has it sent again.
	Late bool
	// Err is why it could not be handed over.
	Err error
}

// Hole is a range of a lane's numbers, both included.
type Hole struct {
	Lane     string
	From, To int64
}

const (
	// verifyLanes is how many lanes a request of verify may have.
	verifyLanes = 1000
	// maxReport bounds the lists of a report.
	maxReport = 1000
)

// Check proves that everything is here, or says what is not. It catches up, compares the last number of every lane with
// the server's in pages of 1,000, catches up the lanes that have gone on meanwhile, and then asks the server whether what
// remains missing is late or lost, one by one. Lanes that the server's log has forgotten are removed, and holes that nothing can fill
// any more, so an App backend calls it from time to time, say once a day.
func (i *Inbox) Check(ctx context.Context) (*Report, error) {
	missing, err := i.pullNew(ctx, 0)
	if err != nil {
		return nil, err
	}
	stored, err := i.readState(ctx)
	if err != nil {
		return nil, err
	}
	r := &Report{Log: stored.log, Seq: stored.position, Missing: missing}
	if err := i.compareLanes(ctx, r); err != nil {
		return nil, err
	}
	h, err := i.head(ctx)
	if err != nil {
		return nil, err
	}
	if h.Log != r.Log {
		return nil, errChangedInCheck
	}
	r.Waiting = h.Waiting
	if err := i.tellLate(ctx, r); err != nil {
		return nil, err
	}
	if r.Holes, err = i.holes(ctx); err != nil {
		return nil, err
	}
	if err := i.forgetHoles(ctx, r, h); err != nil { // the last step: what it has removed is told, or nobody ever hears of it
		return nil, err
	}
	return r, nil
}

var errChangedInCheck = errors.New("callback: the server's log changed during the check; check again")

// tellLate asks for each callback that is missing whether it still waits. How far the log is settled does not tell that: lanes overtake each
// other. There is one question for a lane.
func (i *Inbox) tellLate(ctx context.Context, r *Report) error {
	for n := range r.Missing {
		m := &r.Missing[n]
		if m.Seq == 0 || r.Waiting == 0 {
			continue
		}
		f, err := i.fate(ctx, r.Log, m.Seq)
		if err != nil {
			return err
		}
		m.Late = f.waits()
	}
	return nil
}

// compareLanes asks the server which lanes differ, page by page, and tries to complete them.
func (i *Inbox) compareLanes(ctx context.Context, r *Report) error {
	stuck := map[string]bool{}
	for _, m := range r.Missing {
		stuck[m.Lane] = true
	}
	for last := ""; ; {
		lanes, err := i.lanesAfter(ctx, last)
		if err != nil || len(lanes) == 0 {
			return err
		}
		answer, err := i.verify(ctx, r.Log, lanes)
		if err != nil {
			return err
		}
		here := map[string]int64{}
		for _, l := range lanes {
			here[l.Lane] = l.RoomSeq
		}
		for _, server := range answer.Differ {
			if server.RoomSeq == 0 {
				if err := i.forgetLane(ctx, server.Lane, here[server.Lane]); err != nil {
					return err
				}
				continue
			}
			if stuck[server.Lane] || len(r.Missing) == maxReport {
				continue
			}
			err := i.complete(ctx, difference{server: server, here: here[server.Lane], at: answer.Position})
			if notNow(err) {
				return err
			}
			if err != nil {
				r.Missing = append(r.Missing, missingOf(server, err))
			}
		}
		r.Lanes += len(lanes)
		last = lanes[len(lanes)-1].Lane
	}
}

// difference is a lane whose last callback is not the same here and at the server, when the server's log was at a position.
type difference struct {
	server laneNumber
	here   int64
	at     position
}

// stuckError is a callback that could not be handed over.
type stuckError struct {
	event *feedEvent
	cause error
}

func (e *stuckError) Error() string { return e.cause.Error() }
func (e *stuckError) Unwrap() error { return e.cause }

// complete hands over what a lane lacks; nil: it lacks nothing any more.
func (i *Inbox) complete(ctx context.Context, d difference) error {
	if d.here > d.server.RoomSeq {
		return fmt.Errorf("callback: callback %d of the lane was handed over, and %d is the last that the server knows: "+
			"it has lost commits and needs a new log", d.here, d.server.RoomSeq)
	}
	l, err := i.readLane(ctx, d.server.Lane)
	if err != nil {
		return err
	}
	stored, err := i.readState(ctx)
	if err != nil {
		return err
	}
	lacking := stretch{log: d.at.log, lane: d.server.Lane, after: max(l.seq, stored.position), until: d.at.seq}
	err = i.eachCallback(ctx, lacking, func(e *feedEvent) error {
		if err := i.accept(ctx, e.delivery(i.SDKAppID, d.at.log), true); err != nil {
			return &stuckError{e, err}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if l, err = i.readLane(ctx, d.server.Lane); err == nil && l.last < d.server.RoomSeq {
		return fmt.Errorf("callback: the tables say that all up to %d of the log is here, and it is not: another hand has "+
			"changed them; Reset mends that", stored.position)
	}
	return err
}

// missingOf describes what complete could not do.
func missingOf(server laneNumber, err error) Missing {
	m := Missing{Lane: server.Lane, RoomSeq: server.RoomSeq, Err: err}
	if stuck := (*stuckError)(nil); errors.As(err, &stuck) {
		m.RoomSeq, m.Seq = stuck.event.RoomSeq, stuck.event.Seq
	}
	return m
}

// forgetLane removes a lane that the log has forgotten, so that lanes do not pile up. Whatever arrives of it later is below
// the position, and known for that, or begins anew.
func (i *Inbox) forgetLane(ctx context.Context, name string, last int64) error {
	_, err := i.DB.ExecContext(ctx, `DELETE FROM callboard_lane WHERE app = $1 AND lane = $2 AND room_seq = $3`,
		int64(i.SDKAppID), name, last)
	if err != nil {
		return fmt.Errorf("callback: forget a lane: %w", err)
	}
	return nil
}

// lanesAfter returns the next lanes, in the order of the database, with their last numbers.
func (i *Inbox) lanesAfter(ctx context.Context, last string) ([]laneNumber, error) {
	rows, err := i.DB.QueryContext(ctx, `SELECT lane, room_seq FROM callboard_lane WHERE app = $1 AND lane > $2
		ORDER BY lane LIMIT $3`, int64(i.SDKAppID), last, verifyLanes)
	if err != nil {
		return nil, fmt.Errorf("callback: read the lanes: %w", err)
	}
	defer rows.Close()
	var lanes []laneNumber
	for rows.Next() {
		var l laneNumber
		if err := rows.Scan(&l.Lane, &l.RoomSeq); err != nil {
			return nil, fmt.Errorf("callback: read the lanes: %w", err)
		}
		lanes = append(lanes, l)
	}
	return lanes, rows.Err()
}
