package eventlog

import "time"

// Held is a lane that a reader has set aside: everything of it from Next on waits in the log, not in memory.
type Held struct {
	Lane Lane
	// Next is the number of the first callback event of the lane that is not settled.
	Next int64
	// Attempts that were made of Next and failed.
	Attempts int
	// Try is when Next is tried again, to the millisecond; in the past when only a free slot is waited for.
	Try time.Time
	// Since is when the lane was set aside.
	Since time.Time
	// Failing is how long Next has been failing while the endpoint answered others, to the millisecond: what giving up counts.
	Failing time.Duration
	// Why says in words what happened last.
	Why Reason
}

// Reason says why a lane is held or how an attempt ended, in words a person reads: "500", "timeout after 5s",
// "behind". It is at most MaxReason bytes and holds no secret.
type Reason string

// MaxReason is the longest reason that is kept, in bytes.
const MaxReason = 200

// Behind is the reason of a lane that has not failed: more of it waits than may wait in memory.
const Behind Reason = "behind: more callbacks wait than are kept in memory"

// Attempt is one try to deliver one event, as it is recorded.
type Attempt struct {
	Seq int64
	// Number is 1 for the first try of an event.
	Number int
	At     time.Time
	// Duration of the whole try, from name resolution to the end of the answer.
	Duration time.Duration
	// Status of the answer, 0 if there was none.
	Status int
	// Durable and Cloud are the verdicts of the two profiles: both are kept, so that one teaches about the other.
	Durable, Cloud Verdict
	// Counted is what it counted as, by the profile that applied: Delivered, Retry, Failed, or GivenUp when the callback was
	// given up with it. The settings may be others by now.
	Counted Verdict
	Why     Reason
	// Answer is the start of the answer's body, at most MaxAnswer bytes of valid UTF-8.
	Answer string
}

// Dead says why an event was given up; it becomes a dead letter, with the bytes that the log has of it.
type Dead struct {
	Seq int64
	// At is when it was given up, to the millisecond.
	At  time.Time
	Why Reason
	// Attempts that were made of it.
	Attempts int
}

// Skip is an announcement: a range of callback events of a lane that were given up or discarded. The lane's next callback
// tells of it, so that a receiver knows why there is a gap (invariant I5).
type Skip struct {
	Lane Lane
	// From and To are the RoomSeq of the first and the last of them.
	From, To int64
	// Seq is the number of the last in the App's log; the announcement leaves with it.
	Seq int64
}

// MaxAnswer is how much of an answer's body is kept with an attempt, in bytes.
const MaxAnswer = 256

// Verdict is what an answer means under one profile.
type Verdict int8

// Verdicts. The numbers are stored.
const (
	// Delivered: the App backend has accepted the callback.
	Delivered Verdict = 1
	// Retry: not accepted; to be tried again.
	Retry Verdict = 2
	// Failed: not accepted, and never tried again.
	Failed Verdict = 3
	// Discarded: nobody wants it any more.
	Discarded Verdict = 4
	// GivenUp: a dead letter.
	GivenUp Verdict = 5
)

func (v Verdict) String() string {
	switch v {
	case Delivered:
		return "delivered"
	case Retry:
		return "retry"
	case Failed:
		return "failed"
	case Discarded:
		return "discarded"
	case GivenUp:
		return "given up"
	}
	return "unknown"
}
