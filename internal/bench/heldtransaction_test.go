package bench

import (
	"log/slog"
	"math"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/pgtest"
)

func TestLoadBesideAHeldTransactionLosesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts several processes and takes seconds: run it without -short")
	}
	report, err := Run(t.Context(), Options{
		Scenarios: []string{heldTransaction}, Databases: []string{pgtest.Database(t)}, Quick: true, Version: "test",
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{}, report.Problems); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	value := func(name string) float64 {
		i := slices.IndexFunc(report.Figures, func(f Figure) bool { return f.Name == name })
		if i < 0 {
			t.Errorf("there is no figure %q", name)
			return math.NaN()
		}
		return report.Figures[i].Spread.Median
	}
	for _, table := range []string{"log", "attempts", "numbering"} {
		if n := value("dead versions and changed rows of " + table); n != 0 {
			t.Errorf("%s has %v dead versions and changed rows, want none", table, n)
		}
	}
	// Were the transaction not held, or its counting wrong, none would be seen.
	if n := value("dead versions of rooms"); n < 100 {
		t.Errorf("rooms have %v dead versions, want those of all changes", n)
	}
}

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

// What the bars of held-transaction rest on: a version that is dead is seen, in a partition and though it was cleaned up.
func TestVersionsAreCounted(t *testing.T) {
	p, err := newPostgresPlace(t.Context(), pgtest.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	made, err := p.create(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := made.drop(); err != nil {
			t.Error(err)
		}
	}()
	run := func(statements ...string) {
		t.Helper()
		for _, statement := range statements {
			if err := doPostgres(t.Context(), made.url(), statement, postgresLimit); err != nil {
				t.Fatalf("%s: %v", statement, err)
			}
		}
	}
	run(`CREATE TABLE log (day integer, n integer) PARTITION BY RANGE (day)`,
		`CREATE TABLE log_1 PARTITION OF log FOR VALUES FROM (1) TO (2)`,
		`CREATE TABLE log_2 PARTITION OF log FOR VALUES FROM (2) TO (3)`,
		`CREATE TABLE rooms (n integer)`, `CREATE TABLE held (n integer)`,
		`INSERT INTO log SELECT 1 + n % 2, n FROM generate_series(1, 10) AS n`, `INSERT INTO rooms VALUES (1)`,
		`UPDATE rooms SET n = 2`, `VACUUM rooms`)
	h, err := openHold(t.Context(), made.url())
	if err != nil {
		t.Fatal(err)
	}
	defer h.end()
	run(`UPDATE log SET n = 0 WHERE n < 3`, `DELETE FROM log WHERE n = 3`, `INSERT INTO log VALUES (1, 11)`, `VACUUM log_1`)
	if err := h.check(t.Context()); err != nil {
		t.Error(err)
	}
	got, err := made.(*postgresDatabase).versions(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]versions{"log": {dead: 3, changed: 3}, "rooms": {changed: 1}, "held": {}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(versions{})); diff != "" {
		t.Errorf("versions (-want +got):\n%s", diff)
	}
	// One that was not held sees what happened meanwhile, and is found out: 10 rows, less one, and one.
	if _, err := h.conn.Exec(t.Context(), `COMMIT`); err != nil {
		t.Fatal(err)
	}
	run(`INSERT INTO log VALUES (2, 12)`)
	if err := h.check(t.Context()); err == nil || !strings.Contains(err.Error(), "sees 11 rows, and saw 10") {
		t.Errorf("error %v, want one that says what it sees", err)
	}
}

func TestRateOfATenthIsThatOfItsTime(t *testing.T) {
	begun := time.Now()
	r := &heldLoad{marks: []mark{
		{begun, 100, 90, time.Second, 1e6},
		{begun.Add(2 * time.Second), 300, 190, 2 * time.Second, 5e6},
	}}
	want := tenth{changes: 100, callbacks: 50, cpu: 5000, store: 20000}
	if diff := cmp.Diff(want, r.tenth(0), cmp.AllowUnexported(tenth{})); diff != "" {
		t.Errorf("tenth (-want +got):\n%s", diff)
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
