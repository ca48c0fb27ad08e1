package callback

import "database/sql"

// Schema makes the tables of Inbox, in PostgreSQL and in SQLite. Run it once, in a migration of the App backend. Several
// Apps and all replicas share the tables. What grows is callboard_lane, a row of about 100 bytes for each lane, and callboard_hole,
// one for each announcement: until Check finds that the server has forgotten what they are about.
const Schema = `
CREATE TABLE callboard_inbox (
	app      BIGINT NOT NULL PRIMARY KEY, -- SDKAppID
	log      TEXT   NOT NULL,             -- the current log
	position BIGINT NOT NULL,             -- every callback up to this Seq was handed over, or is in a hole, or in the snapshot
	exact    BIGINT NOT NULL,             -- up to this Seq the snapshot may be ahead of the callbacks
	past     TEXT   NOT NULL              -- logs before this one, separated by spaces
);
CREATE TABLE callboard_lane (
	app      BIGINT NOT NULL,
	lane     TEXT   NOT NULL,
	room_seq BIGINT NOT NULL, -- of the last callback
	seq      BIGINT NOT NULL, -- of the same, in the log; 0 when it came with the snapshot
	PRIMARY KEY (app, lane)
);
CREATE TABLE callboard_hole ( -- announced as skipped, and not filled
	app      BIGINT NOT NULL,
	lane     TEXT   NOT NULL,
	from_seq BIGINT NOT NULL, -- the first RoomSeq
	to_seq   BIGINT NOT NULL, -- the last
	seq      BIGINT NOT NULL, -- of the callback that announced it, in the log: what was skipped is before that
	PRIMARY KEY (app, lane, from_seq)
);`

// Dialect names the database of the App backend.
type Dialect int

// The databases that an Inbox can use: PostgreSQL 9.6 or later and SQLite 3.35 or later, with any driver. Statements are the
// same in both but for how a row is locked. So are placeholders, as long as $1, $2 … appear in this order: to SQLite they are names,
// numbered as they come.
const (
	PostgreSQL Dialect = iota + 1
	SQLite
)

const selectInbox = `SELECT log, position, exact, past FROM callboard_inbox WHERE app = $1`

// updateInbox locks the whole database file: the first statement of a transaction in SQLite has to write, since a
// transaction that reads first is refused the write when another one was faster.
const updateInbox = `UPDATE callboard_inbox SET app = app WHERE app = $1 RETURNING log, position, exact, past`

// share reads the App's row so that no reset is committed before the transaction ends. Callbacks do not wait for each
// other there, nor for a position that moves. While a reset has the row, all wait for what it leaves.
func (d Dialect) share() string {
	if d == SQLite {
		return updateInbox
	}
	return selectInbox + ` FOR KEY SHARE`
}

// passBy is share in PostgreSQL where resets may take long: while one has the row, or waits for it, there is none. A row that is
// shared is given to whoever comes, however long somebody has waited to have it alone, and when callbacks take their time there
// is always one that has it. The lock beside it stands in line.
const passBy = selectInbox + ` AND pg_try_advisory_xact_lock_shared($2) FOR KEY SHARE SKIP LOCKED`

// standInLine waits for callbacks that are under way, and lets no more of them pass by.
const standInLine = `SELECT pg_advisory_xact_lock($1)`

// lineKey is the lock of both.
func lineKey(app uint32) int64 { return 0x6c696e65<<32 | int64(app) } // "line"

// exclusive reads the App's row when no transaction of a callback is open, and keeps new ones away.
func (d Dialect) exclusive() string {
	if d == SQLite {
		return updateInbox
	}
	return selectInbox + ` FOR UPDATE`
}

// advance moves the position. Where a reset has the row, it is left as it is: the reset stores its own.
func (d Dialect) advance() string {
	const where = `app = $2 AND log = $3 AND position < $1`
	if d == SQLite {
		return `UPDATE callboard_inbox SET position = $1 WHERE ` + where
	}
	return `UPDATE callboard_inbox SET position = $1 WHERE app =
		(SELECT app FROM callboard_inbox WHERE ` + where + ` FOR NO KEY UPDATE SKIP LOCKED)`
}

// tryAlone takes the place of the one transaction that resets an App, in PostgreSQL. It is a lock beside the rows, for a reset waits
// for callbacks that are under way, and not for another reset. It goes with the transaction, and the transaction goes when nothing is
// heard of its replica for a minute, which is above what a page of a snapshot may take: the callbacks of others are not refused for
// ever because one was frozen, or its machine is gone.
const tryAlone = `SELECT pg_try_advisory_xact_lock($1) AND set_config('idle_in_transaction_session_timeout', '60s', true) <> ''`

// aloneKey is the lock of one App.
func aloneKey(app uint32) int64 { return 0x63616c6c<<32 | int64(app) } // "call"

// options sets the isolation: a statement after a lock must see what was committed while it was waited for.
func (d Dialect) options() *sql.TxOptions {
	if d == SQLite {
		return nil
	}
	return &sql.TxOptions{Isolation: sql.LevelReadCommitted}
}
