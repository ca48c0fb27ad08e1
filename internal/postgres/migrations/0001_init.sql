-- +goose Up

-- Everything about an App has its SDKAppID first in key and index, so that all tables but the first two can be distributed
-- by it. Ids compare by bytes.

-- The lowest level of a binary that may use this schema. A later migration that an older binary cannot live with
-- raises it; any other migration leaves it.
CREATE TABLE schema_gate (lowest integer NOT NULL, release text NOT NULL);
INSERT INTO schema_gate VALUES (1, '0.1.0');

-- One row is written to find out whether the database can be written at all.
CREATE TABLE probe (id integer PRIMARY KEY CHECK (id = 1), at bigint NOT NULL);
INSERT INTO probe VALUES (1, 0);

CREATE TABLE apps (
    app          bigint PRIMARY KEY,
    log          text   NOT NULL,
    version      bigint NOT NULL, -- counts the changes of settings
    settings     text   NOT NULL, -- JSON, without discard_to
    discard_to   bigint NOT NULL,
    redeliveries bigint NOT NULL DEFAULT 0 -- how many were asked for: a name is never used twice
);

-- Who appends to the log of an App locks its row. It is never updated: a row that is leaves a dead version each time, and
-- they pile up under a long transaction.
CREATE TABLE numbering (app bigint PRIMARY KEY);

-- What retention has removed: the newest row of an App counts. Numbers go on above it.
CREATE TABLE floors (
    app      bigint NOT NULL,
    seq      bigint NOT NULL,
    prev     bigint NOT NULL, -- the last callback event up to seq
    room_seq bigint NOT NULL, -- the highest of any lane
    PRIMARY KEY (app, seq)
);

-- Who changes a room locks its row, which is updated only when what rooms are listed by changes. One without a state belongs to a
-- transaction that may create the room.
CREATE TABLE rooms (
    app         bigint  NOT NULL,
    room        text    COLLATE "C" NOT NULL,
    public      boolean NOT NULL DEFAULT false,
    create_time bigint  NOT NULL DEFAULT 0,
    PRIMARY KEY (app, room)
);
CREATE INDEX rooms_public ON rooms (app, create_time, room) WHERE public;

-- The state of a room is one row, its newest part. It is updated a few times and then replaced by the next part: under a
-- transaction that is open for long, dead versions of a row pile up, and whoever reads it walks over all of them; but nobody
-- walks over those of parts before.
CREATE TABLE states (
    app           bigint NOT NULL,
    room          text   COLLATE "C" NOT NULL,
    part          bigint NOT NULL,
    doc           text   NOT NULL, -- JSON
    lane_seq      bigint NOT NULL,
    lane_callback bigint NOT NULL,
    lane_time     bigint NOT NULL,
    PRIMARY KEY (app, room, part)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);

-- The log. Rows are inserted by a commit that numbers them and never updated. A day, counted from 1970, is that of the
-- commit, and never below that of the App's row before.
CREATE TABLE log (
    app        bigint  NOT NULL,
    seq        bigint  NOT NULL,
    day        integer NOT NULL,
    prev       bigint  NOT NULL,
    lane       text    COLLATE "C" NOT NULL,
    room_seq   bigint  NOT NULL,
    room_prev  bigint  NOT NULL,
    room_state text    NOT NULL,
    command    text    NOT NULL,
    callback   boolean NOT NULL,
    time       bigint  NOT NULL,
    operator   text    NOT NULL,
    client_ip  text    NOT NULL,
    platform   text    NOT NULL,
    cause      text    NOT NULL,
    body       bytea   NOT NULL,
    PRIMARY KEY (app, seq, day)
) PARTITION BY RANGE (day);
CREATE INDEX log_lane ON log (app, lane, seq);

-- Who settles for a reader locks its row, which is updated only when somebody else takes the reader over.
CREATE TABLE readers (
    app    bigint NOT NULL,
    reader text   COLLATE "C" NOT NULL,
    fence  bigint NOT NULL,
    begun  bigint NOT NULL DEFAULT 0, -- the number after which it began: an endpoint; the callback, when a URL was set where none was
    PRIMARY KEY (app, reader)
);

-- Where a reader stands is its row with the highest n, and the only one: a settlement inserts the next and deletes it. Under a
-- transaction that is open for long, dead versions of a row that is updated pile up, and whoever reads it walks over all of
-- them; but nobody walks over those below the newest.
CREATE TABLE cursors (
    app    bigint NOT NULL,
    reader text   COLLATE "C" NOT NULL,
    n      bigint NOT NULL,
    done   bigint NOT NULL,
    beyond text   NOT NULL,
    paused text   NOT NULL, -- why nothing is sent
    PRIMARY KEY (app, reader, n)
);

CREATE VIEW positions AS SELECT r.app, r.reader, r.fence, r.begun, c.done, c.beyond, c.paused FROM readers AS r CROSS JOIN LATERAL
    (SELECT * FROM cursors WHERE app = r.app AND reader = r.reader ORDER BY n DESC LIMIT 1) AS c;

CREATE TABLE held (
    app      bigint  NOT NULL,
    reader   text    COLLATE "C" NOT NULL,
    lane     text    COLLATE "C" NOT NULL,
    next     bigint  NOT NULL,
    attempts integer NOT NULL,
    try      bigint  NOT NULL, -- milliseconds, as since and failing
    since    bigint  NOT NULL,
    failing  bigint  NOT NULL,
    why      text    NOT NULL,
    PRIMARY KEY (app, reader, lane)
);

-- Attempts are found by their day too: what was recorded twice, on both sides of midnight, stands twice.
CREATE TABLE attempts (
    app      bigint   NOT NULL,
    reader   text     COLLATE "C" NOT NULL,
    seq      bigint   NOT NULL,
    number   bigint   NOT NULL,
    day      integer  NOT NULL, -- on which it was stored
    floor    bigint   NOT NULL, -- that of the App then: a higher one has forgotten the attempt with its event
    at       bigint   NOT NULL, -- milliseconds
    duration bigint   NOT NULL, -- microseconds
    status   bigint   NOT NULL,
    durable  smallint NOT NULL, -- eventlog.Verdict, as cloud and counted
    cloud    smallint NOT NULL,
    counted  smallint NOT NULL, -- what it counted as
    why      text     NOT NULL,
    answer   text     NOT NULL,
    PRIMARY KEY (app, reader, seq, number, day)
) PARTITION BY RANGE (day);

-- Announcements.
CREATE TABLE skips (
    app    bigint NOT NULL,
    reader text   COLLATE "C" NOT NULL,
    lane   text   COLLATE "C" NOT NULL,
    "from" bigint NOT NULL, -- room_seq, as to
    "to"   bigint NOT NULL,
    seq    bigint NOT NULL, -- of the last; the announcement leaves with it
    PRIMARY KEY (app, reader, lane)
);
CREATE INDEX skips_seq ON skips (app, seq);

-- A redelivery that is not finished has a row in readers. What is finished is kept as a history.
CREATE TABLE redeliveries (
    app         bigint  NOT NULL,
    reader      text    COLLATE "C" NOT NULL,
    of          text    COLLATE "C" NOT NULL, -- whose callbacks are sent again: a reader
    "from"      bigint  NOT NULL,
    "to"        bigint  NOT NULL,
    lane        text    COLLATE "C" NOT NULL, -- empty: all
    dead_only   boolean NOT NULL,
    "by"        text    NOT NULL,
    at          bigint  NOT NULL, -- milliseconds, as finished_at
    finished_at bigint  NOT NULL, -- 0: it is not
    fence       bigint  NOT NULL, -- of who finished it, who may settle that again
    PRIMARY KEY (app, reader)
);
CREATE INDEX redeliveries_finished ON redeliveries (app, finished_at) WHERE finished_at > 0;

-- Events that were given up, whole: they can be sent again after the log forgot them.
CREATE TABLE dead (
    app        bigint  NOT NULL,
    reader     text    COLLATE "C" NOT NULL,
    seq        bigint  NOT NULL,
    at         bigint  NOT NULL, -- milliseconds
    why        text    NOT NULL,
    attempts   integer NOT NULL,
    -- The columns of the log.
    prev       bigint  NOT NULL,
    lane       text    COLLATE "C" NOT NULL,
    room_seq   bigint  NOT NULL,
    room_prev  bigint  NOT NULL,
    room_state text    NOT NULL,
    command    text    NOT NULL,
    callback   boolean NOT NULL,
    time       bigint  NOT NULL,
    operator   text    NOT NULL,
    client_ip  text    NOT NULL,
    platform   text    NOT NULL,
    cause      text    NOT NULL,
    body       bytea   NOT NULL,
    PRIMARY KEY (app, reader, seq)
);
CREATE INDEX dead_at ON dead (app, at);

CREATE TABLE audit (
    app       bigint NOT NULL,
    id        bigint GENERATED ALWAYS AS IDENTITY,
    at        bigint NOT NULL, -- milliseconds
    actor     text   NOT NULL,
    client_ip text   NOT NULL,
    platform  text   NOT NULL,
    cause     text   NOT NULL,
    command   text   NOT NULL,
    changed   text   NOT NULL, -- names of settings, never their values
    reader    text   NOT NULL, -- whose callbacks were discarded, up to the number discarded; empty: nobody's
    discarded bigint NOT NULL,
    PRIMARY KEY (app, id)
);

-- A commit that was made up with settings which have changed since must not happen. It is one of a batch whose COMMIT is on its
-- way already, so that only an error stops it.
-- +goose StatementBegin
CREATE FUNCTION expect_settings(of_app bigint, expected bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT version FROM apps WHERE app = of_app) IS DISTINCT FROM expected THEN
        RAISE EXCEPTION 'the settings of the App % have changed', of_app USING ERRCODE = 'CB001';
    END IF;
END
$$;
-- +goose StatementEnd

-- The two functions below run with the rights of the owner of the tables, so that the role which the server uses needs none
-- to make or drop tables. A partition is attached rather than created in place: that does not stop who reads and writes.
-- +goose StatementBegin
CREATE FUNCTION add_day(d integer) RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    parent text;
    part   text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('callboard add_day'));
    FOREACH parent IN ARRAY ARRAY['log', 'attempts'] LOOP
        part := parent || '_' || d;
        IF to_regclass(part) IS NULL THEN
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS)', part, parent);
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', parent, part, d, d + 1);
        END IF;
    END LOOP;
END
$$;
-- +goose StatementEnd

-- It does not wait for who uses the tables, because others would wait behind it.
-- +goose StatementBegin
CREATE FUNCTION drop_day(parent text, d integer) RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF parent NOT IN ('log', 'attempts') THEN
        RAISE EXCEPTION 'there are no days of %', parent;
    END IF;
    IF d >= (extract(epoch FROM clock_timestamp())::bigint / 86400)::integer - 1 THEN
        RAISE EXCEPTION 'the day % is in use', d;
    END IF;
    PERFORM set_config('lock_timeout', '100ms', true);
    EXECUTE format('DROP TABLE IF EXISTS %I', parent || '_' || d);
END
$$;
-- +goose StatementEnd

-- Temporary tables come last in the search for a name, so that nobody can put one in the place of ours.
-- +goose StatementBegin
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION add_day(integer) SET search_path = %I, pg_temp', current_schema());
    EXECUTE format('ALTER FUNCTION drop_day(text, integer) SET search_path = %I, pg_temp', current_schema());
END
$$;
-- +goose StatementEnd
