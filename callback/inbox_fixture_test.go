package callback

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "github.com/ncruces/go-sqlite3/driver"
	_ "github.com/ncruces/go-sqlite3/vfs/memdb"

	"github.com/callboard/callboard/internal/pgtest"
)

const testLog = "abcdefgh"

// server answers an Inbox from what it is given, path by path. What is nil answers HTTP 500.
type server struct {
	events   func(after string, lane string) (int, string)
	snapshot func(after string) (int, string)
	head     string
	verify   string
	fate     func(event string) string // the state that why answers with
	dead     string
	asked    []string          // path and, of events, after and lane
	readers  map[string]string // of each path, as far as it names one
	wait     func(context.Context, string) error
}

func (s *server) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	q := r.URL.Query()
	path := strings.TrimPrefix(r.URL.Path, "/callboard/v1/")
	if path == "events" {
		path = strings.TrimSuffix(path+" "+q.Get("after")+" "+q.Get("lane"), " ")
	}
	s.asked = append(s.asked, path)
	if reader := q.Get("reader"); reader != "" {
		if s.readers == nil {
			s.readers = map[string]string{}
		}
		s.readers[path] = reader
	}
	if s.wait != nil {
		if err := s.wait(r.Context(), q.Get("wait")); err != nil {
			return nil, err
		}
	}
	write := func(status int, text string) {
		w.WriteHeader(status)
		_, _ = w.WriteString(text)
	}
	switch {
	case strings.HasPrefix(path, "events") && s.events != nil:
		write(s.events(q.Get("after"), q.Get("lane")))
	case path == "snapshot" && s.snapshot != nil:
		write(s.snapshot(q.Get("after")))
	case path == "head" && s.head != "":
		write(http.StatusOK, s.head)
	case path == "why" && s.fate != nil:
		write(http.StatusOK, fmt.Sprintf(`{"Event":%q,"State":%q}`, q.Get("event"), s.fate(q.Get("event"))))
	case path == "dead" && s.dead != "":
		write(http.StatusOK, s.dead)
	case path == "verify" && s.verify != "":
		write(http.StatusOK, s.verify)
	default:
		write(http.StatusInternalServerError, "")
	}
	return w.Result(), nil
}

// emptySnapshot is that of a server without rooms, at a position.
func emptySnapshot(position string) func(string) (int, string) {
	return func(string) (int, string) {
		log, _, _ := strings.Cut(position, ".")
		return http.StatusOK, fmt.Sprintf(`{"Log":%q,"Position":%q,"Rooms":[],"Next":""}`, log, position)
	}
}

// page is a page of the feed that ends at the head.
func page(head int64, events ...Delivery) string {
	var list []string
	for _, d := range events {
		list = append(list, fmt.Sprintf(`{"Id":"1-%s-%d","Seq":%d,"Lane":%q,"RoomSeq":%d,"RoomPrev":%d,"RoomState":%q,`+
			`"Command":"Live.X","Callback":true,"Body":{"CallbackCommand":"Live.X"}}`,
			testLog, d.Seq, d.Seq, d.Lane, d.RoomSeq, d.RoomPrev, d.RoomState))
	}
	return fmt.Sprintf(`{"Log":%q,"Events":[%s],"Next":"%s.%d","Head":"%s.%d"}`, testLog, strings.Join(list, ","), testLog, head, testLog, head)
}

// nothing is a feed at rest.
func nothing(after, _ string) (int, string) {
	_, seq, _ := strings.Cut(after, ".")
	return http.StatusOK, fmt.Sprintf(`{"Log":%q,"Events":[],"Next":"%s.%s","Head":"%s.%s"}`, testLog, testLog, seq, testLog, seq)
}

// callbackOf is a callback of room r1 whose numbers in the log are those in the lane.
func callbackOf(roomSeq, roomPrev int64) Delivery {
	return Delivery{SDKAppID: ownID, Command: "Live.X", Log: testLog, Lane: "r1", Seq: roomSeq, RoomSeq: roomSeq, RoomPrev: roomPrev,
		Body: []byte(`{"CallbackCommand":"Live.X"}`)}
}

// backend is an App backend: what it was handed stands in its own table, as far as it was committed.
type backend struct {
	*Inbox
	t    *testing.T
	fail error             // what OnCallback returns after it has written
	late map[int64]bool    // RoomSeq of what was marked as late
	seen func(d *Delivery) // optional
}

func newBackend(t *testing.T, s *server) *backend {
	t.Helper()
	p := place{SQLite, "sqlite3", "file:/" + url.PathEscape(t.Name()) + "?vfs=memdb"}
	p.make(t)
	return p.backend(t, s)
}

// place is a database of an App backend.
type place struct {
	dialect        Dialect
	driver, source string
}

// onBoth runs a test in a database of SQLite and in one of PostgreSQL.
func onBoth(t *testing.T, test func(*testing.T, place)) {
	t.Run("SQLite", func(t *testing.T) {
		p := place{SQLite, "sqlite3", "file:" + t.TempDir() + "/backend.db?_pragma=busy_timeout(60000)&_pragma=journal_mode(wal)"}
		p.make(t)
		test(t, p)
	})
	t.Run("PostgreSQL", func(t *testing.T) { test(t, inPostgreSQL(t)) })
}

func inPostgreSQL(t *testing.T) place {
	t.Helper()
	p := place{PostgreSQL, "pgx", pgtest.Database(t)}
	p.make(t)
	return p
}

func (p place) make(t *testing.T) {
	t.Helper()
	number := "n INTEGER PRIMARY KEY"
	if p.dialect == PostgreSQL {
		number = "n SERIAL PRIMARY KEY"
	}
	if _, err := p.open(t).ExecContext(t.Context(), Schema+`CREATE TABLE handed (`+number+`, what TEXT)`); err != nil {
		t.Fatal(err)
	}
}

func (p place) open(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open(p.driver, p.source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// backend returns a replica of the App backend there.
func (p place) backend(t *testing.T, s *server) *backend {
	t.Helper()
	b := &backend{t: t, late: map[int64]bool{}}
	b.Inbox = &Inbox{
		SDKAppID: ownID, DB: p.open(t), Dialect: p.dialect, ErrorLog: quiet,
		Feed:       Feed{URL: "http://live.example", Token: "secret", Client: &http.Client{Transport: s}},
		OnCallback: b.onCallback,
		OnSnapshot: func(ctx context.Context, tx *sql.Tx, rooms iter.Seq2[Room, error]) error {
			for room, err := range rooms {
				if err != nil {
					return err
				}
				if err := b.write(ctx, tx, "snapshot of "+room.RoomID); err != nil {
					return err
				}
			}
			return nil
		},
	}
	return b
}

func (b *backend) onCallback(ctx context.Context, tx *sql.Tx, d Delivery) error {
	if d.Late {
		b.late[d.RoomSeq] = true
	}
	if b.seen != nil {
		b.seen(&d)
	}
	return errors.Join(b.write(ctx, tx, fmt.Sprintf("%s %d", d.Lane, d.RoomSeq)), b.fail)
}

func (b *backend) write(ctx context.Context, tx *sql.Tx, what string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO handed (what) VALUES ($1)`, what)
	return err
}

// handed returns what was handed over and committed, in order.
func (b *backend) handed() string {
	b.t.Helper()
	rows, err := b.DB.QueryContext(b.t.Context(), `SELECT what FROM handed ORDER BY n`)
	if err != nil {
		b.t.Fatal(err)
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var what string
		if err := rows.Scan(&what); err != nil {
			b.t.Fatal(err)
		}
		list = append(list, what)
	}
	if err := rows.Err(); err != nil {
		b.t.Fatal(err)
	}
	return strings.Join(list, ", ")
}

// receive hands a callback in that has to be answered OK.
func (b *backend) receive(d Delivery) {
	b.t.Helper()
	if err := b.Receive(b.t.Context(), d); err != nil {
		b.t.Errorf("Receive(%s %d) = %v, want nil", d.Lane, d.RoomSeq, err)
	}
}

func (b *backend) wantHanded(want string) {
	b.t.Helper()
	if got := b.handed(); got != want {
		b.t.Errorf("handed over %q, want %q", got, want)
	}
}
