package callback

import "database/sql"

// Schema makes the tables of Inbox, in PostgreSQL and in SQLite. Run it once, in a migration of the App backend. Several
// Apps and all replicas share the tables. What grows is callboard_lane: a row of about 100 bytes for each lane, until Check
// finds that the server's log has forgotten it.
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
	PRIMARY KEY (app, lane, from_seq)
);`

// Dialect names the database of the App backend.
type Dialect int

// The databases that an Inbox can use: PostgreSQL 9.5 or later and SQLite 3.35 or later, with any driver. Statements are the
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
// other there, nor for a position that moves.
func (d Dialect) share() string {
	if d == SQLite {
		return updateInbox
	}
	return selectInbox + ` FOR KEY SHARE`
}

// exclusive reads the App's row when no transaction of a callback is open.
func (d Dialect) exclusive() string {
	if d == SQLite {
		return updateInbox
	}
	return selectInbox + ` FOR UPDATE`
}

// options sets the isolation: a statement after a lock must see what was committed while it was waited for.
func (d Dialect) options() *sql.TxOptions {
	if d == SQLite {
		return nil
	}
	return &sql.TxOptions{Isolation: sql.LevelReadCommitted}
}
