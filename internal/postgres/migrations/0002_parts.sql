-- +goose Up

-- The number that tells the lives of a room apart. The row of the room '' is locked by who changes parts of the App itself.
ALTER TABLE rooms ADD COLUMN life bigint NOT NULL DEFAULT 0;

-- What belongs to a life of a room and is not in its state, and what belongs to an App itself: room '' and life 0. A part is its row
-- with the highest n, and the only one: a change inserts the next and deletes it, for the reason that states has.
CREATE TABLE parts (
    app  bigint NOT NULL,
    room text   COLLATE "C" NOT NULL,
    life bigint NOT NULL,
    kind text   COLLATE "C" NOT NULL,
    key  text   COLLATE "C" NOT NULL,
    n    bigint NOT NULL,
    due  bigint NOT NULL, -- milliseconds; 0: never
    doc  text   NOT NULL, -- JSON
    PRIMARY KEY (app, room, life, kind, key, n)
);
CREATE INDEX parts_due ON parts (due) WHERE due > 0;

-- Lives that ended, whose parts are swept away bit by bit.
CREATE TABLE remains (
    app  bigint NOT NULL,
    room text   COLLATE "C" NOT NULL,
    life bigint NOT NULL,
    PRIMARY KEY (app, room, life)
);
