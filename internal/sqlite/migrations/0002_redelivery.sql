-- +goose Up

-- Giving up, announcements, redelivery and retention. A binary of level 1 may go on with this schema: it sends to a reader
-- that is paused, and takes a redelivery that is not finished for a reader of everything after its cursor, which repeats
-- callbacks and loses none.

-- What an attempt counted as, an eventlog.Verdict; what level 1 has written knew no other profile.
ALTER TABLE attempts ADD COLUMN counted INTEGER NOT NULL DEFAULT 0;
UPDATE attempts SET counted = durable;

ALTER TABLE held ADD COLUMN failing INTEGER NOT NULL DEFAULT 0; -- milliseconds

ALTER TABLE readers ADD COLUMN paused TEXT NOT NULL DEFAULT ''; -- why nothing is sent

-- After which number it began: an endpoint with its creation, the callback when a URL was set where none was.
ALTER TABLE readers ADD COLUMN begun INTEGER NOT NULL DEFAULT 0;

-- Whose callbacks were discarded by the change, and up to which number; empty: nobody's.
ALTER TABLE audit ADD COLUMN reader TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN discarded INTEGER NOT NULL DEFAULT 0;

-- How many redeliveries were asked for: a name is never used twice, because attempts are kept by it.
ALTER TABLE apps ADD COLUMN redeliveries INTEGER NOT NULL DEFAULT 0;

-- Announcements.
CREATE TABLE skips (
    app    INTEGER NOT NULL,
    reader TEXT    NOT NULL,
    lane   TEXT    NOT NULL,
    "from" INTEGER NOT NULL, -- room_seq, as to
    "to"   INTEGER NOT NULL,
    seq    INTEGER NOT NULL, -- of the last; the announcement leaves with it
    PRIMARY KEY (app, reader, lane)
) WITHOUT ROWID;
CREATE INDEX skips_seq ON skips (app, seq);

-- A redelivery that is not finished has a row in readers. What is finished is kept as a history.
CREATE TABLE redeliveries (
    app         INTEGER NOT NULL,
    reader      TEXT    NOT NULL,
    of          TEXT    NOT NULL, -- whose callbacks are sent again: a reader
    "from"      INTEGER NOT NULL,
    "to"        INTEGER NOT NULL,
    lane        TEXT    NOT NULL, -- empty: all
    dead_only   INTEGER NOT NULL,
    "by"        TEXT    NOT NULL,
    at          INTEGER NOT NULL, -- milliseconds, as finished_at
    finished_at INTEGER NOT NULL, -- 0: it is not
    fence       INTEGER NOT NULL, -- of who finished it, who may settle that again
    PRIMARY KEY (app, reader)
) WITHOUT ROWID;
CREATE INDEX redeliveries_finished ON redeliveries (finished_at) WHERE finished_at > 0;

-- Events that were given up, whole: they can be sent again after the log forgot them. No binary has ever written the table
-- that stood here.
DROP TABLE dead;
CREATE TABLE dead (
    app        INTEGER NOT NULL,
    reader     TEXT    NOT NULL,
    seq        INTEGER NOT NULL,
    at         INTEGER NOT NULL, -- milliseconds
    why        TEXT    NOT NULL,
    attempts   INTEGER NOT NULL,
    -- The columns of the log.
    prev       INTEGER NOT NULL,
    lane       TEXT    NOT NULL,
    room_seq   INTEGER NOT NULL,
    room_prev  INTEGER NOT NULL,
    room_state TEXT    NOT NULL,
    command    TEXT    NOT NULL,
    callback   INTEGER NOT NULL,
    time       INTEGER NOT NULL,
    operator   TEXT    NOT NULL,
    client_ip  TEXT    NOT NULL,
    platform   TEXT    NOT NULL,
    cause      TEXT    NOT NULL,
    body       BLOB    NOT NULL,
    PRIMARY KEY (app, reader, seq)
) WITHOUT ROWID;
CREATE INDEX dead_at ON dead (at);
-- The key without the rows: to count them.
CREATE INDEX dead_reader ON dead (app, reader, seq);
