-- +goose Up

-- The number that tells the lives of a room apart.
ALTER TABLE rooms ADD COLUMN life INTEGER NOT NULL DEFAULT 0;

-- What belongs to a life of a room and is not in its row, and what belongs to an App itself: room '' and life 0.
CREATE TABLE parts (
    app  INTEGER NOT NULL,
    room TEXT    NOT NULL,
    life INTEGER NOT NULL,
    kind TEXT    NOT NULL,
    key  TEXT    NOT NULL,
    due  INTEGER NOT NULL, -- milliseconds; 0: never
    doc  TEXT    NOT NULL, -- JSON
    PRIMARY KEY (app, room, life, kind, key)
) WITHOUT ROWID;
CREATE INDEX parts_due ON parts (due) WHERE due > 0;

-- Lives that ended, whose parts are swept away bit by bit.
CREATE TABLE remains (
    app  INTEGER NOT NULL,
    room TEXT    NOT NULL,
    life INTEGER NOT NULL,
    PRIMARY KEY (app, room, life)
) WITHOUT ROWID;
