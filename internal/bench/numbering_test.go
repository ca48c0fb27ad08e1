package bench

import (
	"net/url"
	"testing"
	"time"

	"github.com/callboard/callboard/internal/pgtest"
)

func TestGroupsAreCountedWithSyncsThatAreSlower(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts several processes and takes seconds: run it without -short")
	}
	opt := Options{Scenarios: []string{numbering}, Databases: []string{pgtest.Database(t)}, Quick: true}
	if err := opt.fill(); err != nil {
		t.Fatal(err)
	}
	l, err := newLab(t.Context(), &opt, opt.Databases[0], &Report{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := l.close(); err != nil {
			t.Error(err)
		}
	}()
	const delay = 20 * time.Millisecond
	for _, way := range numberingWays {
		n, err := l.commitNumbered(t.Context(), delay, way, 3)
		if err != nil {
			t.Fatal(err)
		}
		// An App's groups are synced one after the other.
		if most := float64(way.apps) / delay.Seconds() * 1.5; n.groups <= 0 || n.groups > most {
			t.Errorf("%s: %v groups a second, want some and at most %v", way.name, n.groups, most)
		}
		if n.wal <= 0 {
			t.Errorf("%s: %v bytes of write-ahead log for a change", way.name, n.wal)
		}
	}
}

func TestDelayIsOneOfTheServerUnderTest(t *testing.T) {
	server, err := url.Parse("postgres://me@db/x?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	p := &postgresPlace{server: server}
	for delay, want := range map[time.Duration]string{
		0:                    "postgres://me@db/b?sslmode=disable",
		4 * time.Millisecond: "postgres://me@db/b?commit_delay=4000&commit_siblings=0&sslmode=disable",
	} {
		if got := (delayed{&postgresDatabase{place: p, name: "b"}, delay}).url(); got != want {
			t.Errorf("%v: got %s, want %s", delay, got, want)
		}
	}
}
