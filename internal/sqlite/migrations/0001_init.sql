-- +goose Up

-- The lowest level of a binary that may use this schema. A later migration that an older binary cannot live with
-- raises it; any other migration leaves it.
CREATE TABLE schema_gate (lowest INTEGER NOT NULL, release TEXT NOT NULL);
INSERT INTO schema_gate VALUES (1, '0.1.0');

-- One row is written to find out whether the database can be written at all.
CREATE TABLE probe (id INTEGER PRIMARY KEY CHECK (id = 1), at INTEGER NOT NULL);

CREATE TABLE apps (
    app            INTEGER PRIMARY KEY,
    log            TEXT    NOT NULL,
    version        INTEGER NOT NULL, -- counts the changes of settings
    settings       TEXT    NOT NULL, -- JSON
    -- What retention has removed: numbers go on above these.
    floor_seq      INTEGER NOT NULL DEFAULT 0,
    floor_prev     INTEGER NOT NULL DEFAULT 0,
    floor_room_seq INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE rooms (
    app           INTEGER NOT NULL,
    room          TEXT    NOT NULL,
    doc           TEXT    NOT NULL, -- JSON
    lane_seq      INTEGER NOT NULL,
    lane_callback INTEGER NOT NULL,
    lane_time     INTEGER NOT NULL,
    public        INTEGER NOT NULL,
    create_time   INTEGER NOT NULL,
    PRIMARY KEY (app, room)
) WITHOUT ROWID;
CREATE INDEX rooms_public ON rooms (app, create_time, room) WHERE public = 1;

-- The log. Rows are inserted by a commit that numbers them and never updated.
CREATE TABLE log (
    app        INTEGER NOT NULL,
    seq        INTEGER NOT NULL,
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
    PRIMARY KEY (app, seq)
) WITHOUT ROWID;
CREATE INDEX log_lane ON log (app, lane, seq);

CREATE TABLE readers (
    app    INTEGER NOT NULL,
    reader TEXT    NOT NULL,
    fence  INTEGER NOT NULL,
    done   INTEGER NOT NULL,
    beyond TEXT    NOT NULL,
    PRIMARY KEY (app, reader)
) WITHOUT ROWID;

CREATE TABLE held (
    app      INTEGER NOT NULL,
    reader   TEXT    NOT NULL,
    lane     TEXT    NOT NULL,
    next     INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    try      INTEGER NOT NULL, -- milliseconds, as since
    since    INTEGER NOT NULL,
    why      TEXT    NOT NULL,
    PRIMARY KEY (app, reader, lane)
) WITHOUT ROWID;

CREATE TABLE attempts (
    app      INTEGER NOT NULL,
    reader   TEXT    NOT NULL,
    seq      INTEGER NOT NULL,
    number   INTEGER NOT NULL,
    at       INTEGER NOT NULL, -- milliseconds
    duration INTEGER NOT NULL, -- microseconds
    status   INTEGER NOT NULL,
    durable  INTEGER NOT NULL, -- eventlog.Verdict, as cloud
    cloud    INTEGER NOT NULL,
    why      TEXT    NOT NULL,
    answer   TEXT    NOT NULL,
    PRIMARY KEY (app, reader, seq, number)
) WITHOUT ROWID;

-- Events that were given up, with their own bytes: the log may forget them.
CREATE TABLE dead (
    app       INTEGER NOT NULL,
    reader    TEXT    NOT NULL,
    seq       INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    why       TEXT    NOT NULL,
    attempts  INTEGER NOT NULL,
    lane      TEXT    NOT NULL,
    room_seq  INTEGER NOT NULL,
    room_prev INTEGER NOT NULL,
    command   TEXT    NOT NULL,
    time      INTEGER NOT NULL,
    body      BLOB    NOT NULL,
    PRIMARY KEY (app, reader, seq)
) WITHOUT ROWID;

CREATE TABLE audit (
    id        INTEGER PRIMARY KEY,
    app       INTEGER NOT NULL,
    at        INTEGER NOT NULL, -- milliseconds
    actor     TEXT    NOT NULL,
    client_ip TEXT    NOT NULL,
    platform  TEXT    NOT NULL,
    cause     TEXT    NOT NULL,
    command   TEXT    NOT NULL,
    changed   TEXT    NOT NULL -- names of settings, never their values
);
CREATE INDEX audit_app ON audit (app, id);
