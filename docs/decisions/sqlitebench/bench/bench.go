// Package bench is the workload that every library runs: the committer's transaction and the reader's page, as
// Callboard makes them. It knows no SQLite library; each one is a Conn in a program of its own, so that memory and
// start time are that library's alone.
package bench

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Sizes of the workload.
const (
	App        = 1400000001
	Rooms      = 1000
	GroupSize  = 64
	PageSize   = 1000
	docSize    = 300
	bodySize   = 250
	warmGroups = 20
	// Groups between two checkpoints, which are not timed: the WAL stays at about 16 MB.
	checkpointEvery = 50
)

// Schema has the two tables that every change writes.
const Schema = `
CREATE TABLE rooms (
	app INTEGER NOT NULL,
	room TEXT NOT NULL,
	doc BLOB NOT NULL,
	PRIMARY KEY (app, room)
) WITHOUT ROWID;
CREATE TABLE events (
	app INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	lane TEXT NOT NULL,
	room TEXT NOT NULL,
	room_seq INTEGER NOT NULL,
	room_prev INTEGER NOT NULL,
	prev INTEGER NOT NULL,
	room_state TEXT NOT NULL,
	command TEXT NOT NULL,
	callback INTEGER NOT NULL,
	event_time INTEGER NOT NULL,
	operator TEXT NOT NULL,
	client_ip TEXT NOT NULL,
	platform TEXT NOT NULL,
	cause TEXT NOT NULL,
	body BLOB NOT NULL,
	PRIMARY KEY (app, seq)
) WITHOUT ROWID;
CREATE UNIQUE INDEX events_lane ON events (app, lane, seq);`

// Statements of the workload; parameters are in the order of the columns named.
const (
	SelectRoom  = `SELECT doc FROM rooms WHERE app = ? AND room = ?`
	UpdateRoom  = `UPDATE rooms SET doc = ? WHERE app = ? AND room = ?`
	InsertRoom  = `INSERT INTO rooms (doc, app, room) VALUES (?, ?, ?)`
	InsertEvent = `INSERT INTO events (app, seq, lane, room, room_seq, room_prev, prev, room_state, command, callback,
	event_time, operator, client_ip, platform, cause, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	SelectPage = `SELECT app, seq, lane, room, room_seq, room_prev, prev, room_state, command, callback,
	event_time, operator, client_ip, platform, cause, body FROM events WHERE app = ? AND seq > ? ORDER BY seq LIMIT ?`
)

// Event is one row of the log.
type Event struct {
	App       int64
	Seq       int64
	Lane      string
	Room      string
	RoomSeq   int64
	RoomPrev  int64
	Prev      int64
	RoomState string
	Command   string
	Callback  int64
	EventTime int64
	Operator  string
	ClientIP  string
	Platform  string
	Cause     string
	Body      []byte
}

// Conn is one connection of the library under test. Statements are prepared once and kept by the Conn.
type Conn interface {
	Exec(sql string) error
	Room(app int64, room string) (doc []byte, err error)
	UpdateRoom(doc []byte, app int64, room string) error
	InsertRoom(doc []byte, app int64, room string) error
	InsertEvent(e *Event) error
	// Page appends to page, in memory of its own, at most limit events above seq.
	Page(page []Event, app, seq int64, limit int) ([]Event, error)
	Close() error
}

// Opener opens a connection to the file at path with the pragmas given, one per statement.
type Opener func(path string, pragmas []string) (Conn, error)

// Result is what one run of one program measured. Times are in microseconds.
type Result struct {
	GroupRow    float64 // wall time per row in groups of GroupSize, COMMIT included
	GroupRowCPU float64 // user and system time of the process, the same rows
	Commit      float64 // wall time per group of one
	CommitCPU   float64
	ReadRow     float64
	ReadRowCPU  float64
	RSS         float64 // MiB resident after the run
	PeakRSS     float64
	Start       float64 // from before exec to the answer of the first query
}

// Main is the main function of a library's program: it runs the workload and prints the Result as JSON.
func Main(open Opener) {
	log.SetFlags(0)
	dir := flag.String("dir", "", "folder for the database")
	groups := flag.Int("groups", 200, "groups of 64")
	commits := flag.Int("commits", 500, "groups of one")
	started := flag.Int64("started", 0, "time of the start in Unix nanoseconds: measure only the start")
	flag.Parse()

	b := run{
		open:    open,
		path:    filepath.Join(*dir, "bench.db"),
		pragmas: []string{"journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=0", "busy_timeout=5000"},
	}
	var err error
	if *started != 0 {
		err = b.start(*started)
	} else {
		err = b.all(*groups, *commits)
	}
	if err != nil {
		log.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(b.Result); err != nil {
		log.Fatal(err)
	}
}

type run struct {
	open    Opener
	path    string
	pragmas []string
	writer  Conn
	reader  Conn
	seq     int64
	Result
}

// start expects the database of an earlier run.
func (b *run) start(started int64) error {
	c, err := b.open(b.path, b.pragmas)
	if err != nil {
		return err
	}
	if _, err := c.Room(App, roomID(1)); err != nil {
		return err
	}
	b.Start = float64(time.Now().UnixNano()-started) / 1e3
	return c.Close()
}

func (b *run) all(groups, commits int) error {
	if err := b.setUp(); err != nil {
		return fmt.Errorf("set up: %w", err)
	}
	if err := b.write(groups, GroupSize, &b.GroupRow, &b.GroupRowCPU); err != nil {
		return fmt.Errorf("groups of %d: %w", GroupSize, err)
	}
	if err := b.write(commits, 1, &b.Commit, &b.CommitCPU); err != nil {
		return fmt.Errorf("groups of one: %w", err)
	}
	if err := b.read(); err != nil {
		return fmt.Errorf("pages: %w", err)
	}
	b.RSS, b.PeakRSS = memory()
	if err := b.reader.Close(); err != nil {
		return err
	}
	return b.writer.Close()
}

func (b *run) setUp() (err error) {
	if b.writer, err = b.open(b.path, b.pragmas); err != nil {
		return err
	}
	for _, s := range strings.SplitAfter(Schema, ";") {
		if strings.TrimSpace(s) == "" {
			continue
		}
		if err := b.writer.Exec(s); err != nil {
			return err
		}
	}
	if err := b.writer.Exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	for i := range Rooms {
		if err := b.writer.InsertRoom(fill(docSize, int64(i)), App, roomID(i)); err != nil {
			return err
		}
	}
	if err := b.writer.Exec("COMMIT"); err != nil {
		return err
	}
	if b.reader, err = b.open(b.path, b.pragmas); err != nil {
		return err
	}
	var ignored float64
	return b.write(warmGroups, GroupSize, &ignored, &ignored)
}

// write commits groups of size rows and reports the mean of each row.
func (b *run) write(groups, size int, wall, cpu *float64) error {
	var s stopwatch
	for g := range groups {
		s.start()
		if err := b.group(size); err != nil {
			return err
		}
		s.stop()
		if (g+1)%checkpointEvery == 0 {
			if err := b.reader.Exec("PRAGMA wal_checkpoint(RESTART)"); err != nil {
				return err
			}
		}
	}
	*wall, *cpu = s.per(groups * size)
	return nil
}

func (b *run) group(size int) error {
	if err := b.writer.Exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	for range size {
		b.seq++
		room := roomID(int(b.seq * 7919 % Rooms))
		doc, err := b.writer.Room(App, room)
		if err != nil {
			return err
		}
		if len(doc) != docSize {
			return fmt.Errorf("room %s has %d bytes", room, len(doc))
		}
		if err := b.writer.UpdateRoom(fill(docSize, b.seq), App, room); err != nil {
			return err
		}
		if err := b.writer.InsertEvent(event(b.seq, room)); err != nil {
			return err
		}
	}
	return b.writer.Exec("COMMIT")
}

func (b *run) read() error {
	const rounds = 3
	var s stopwatch
	page := make([]Event, 0, PageSize)
	for range rounds {
		for seq := int64(0); seq < b.seq; {
			var err error
			s.start()
			page, err = b.reader.Page(page[:0], App, seq, PageSize)
			s.stop()
			if err != nil {
				return err
			}
			if len(page) == 0 || page[0].Seq != seq+1 || len(page[0].Body) != bodySize {
				return fmt.Errorf("page after %d is wrong", seq)
			}
			seq = page[len(page)-1].Seq
		}
	}
	b.ReadRow, b.ReadRowCPU = s.per(rounds * int(b.seq))
	return nil
}

func roomID(i int) string { return fmt.Sprintf("live_room_%06d", i) }

func event(seq int64, room string) *Event {
	return &Event{
		App: App, Seq: seq, Lane: room, Room: room, RoomSeq: seq/Rooms + 1, RoomPrev: seq / Rooms, Prev: seq - 1,
		RoomState: "0123456789abcdef", Command: "Live.CallbackAfterModifyAdmin", Callback: 1,
		EventTime: 1790000000000 + seq, Operator: "administrator", ClientIP: "203.0.113.7", Platform: "RESTAPI",
		Cause: "Q29tbWFuZC1jYXVzZS0wMDAx", Body: fill(bodySize, seq),
	}
}

func fill(size int, seed int64) []byte {
	b := make([]byte, size)
	for i := range b {
		b[i] = byte('a' + (seed+int64(i))%26)
	}
	return b
}

type stopwatch struct {
	wall, cpu           time.Duration
	wallStart, cpuStart time.Duration
}

var epoch = time.Now()

func (s *stopwatch) start() { s.cpuStart, s.wallStart = cpuTime(), time.Since(epoch) }

func (s *stopwatch) stop() {
	s.wall += time.Since(epoch) - s.wallStart
	s.cpu += cpuTime() - s.cpuStart
}

func (s *stopwatch) per(n int) (wall, cpu float64) {
	return float64(s.wall.Nanoseconds()) / 1e3 / float64(n), float64(s.cpu.Nanoseconds()) / 1e3 / float64(n)
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// memory returns what the kernel counts as resident now and at most, in MiB; zeros where there is no /proc.
func memory() (now, peak float64) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, 0
	}
	for line := range strings.Lines(string(status)) {
		f := strings.Fields(line)
		if len(f) < 2 {
			continue
		}
		kib, _ := strconv.ParseFloat(f[1], 64)
		switch f[0] {
		case "VmRSS:":
			now = kib / 1024
		case "VmHWM:":
			peak = kib / 1024
		}
	}
	return now, peak
}
