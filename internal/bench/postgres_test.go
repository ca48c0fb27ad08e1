package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/pgtest"
)

// databasesLeft lists those that a run has made and not dropped.
func databasesLeft(t *testing.T, url string) (names []string) {
	t.Helper()
	c, err := connectPostgres(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer closePostgres(c)
	rows, err := c.Query(t.Context(), `SELECT datname FROM pg_database WHERE datname LIKE 'callboard_bench_%'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return names
}

func TestQuickRunMeasuresBothStoresInOneTable(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts several processes and takes seconds: run it without -short")
	}
	folder, url := t.TempDir(), pgtest.Database(t)
	report, err := Run(t.Context(), Options{
		Scenarios: []string{"flood", "disk"}, Databases: []string{sqliteScheme + folder, url}, Quick: true,
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{}, report.Problems); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	var table bytes.Buffer
	if err := report.WriteTable(&table); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"postgres: ", "PostgreSQL 1", "fsync=", "synchronous_commit=", "a commit of one row takes ",
		"| flood sqlite ", "| flood postgres ", "| flood rate against SQLite ", "≥ 0.35", "| disk postgres ",
	} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("the table has no %q:\n%s", want, table.String())
		}
	}
	if n := strings.Count(table.String(), "≤ 2048"); n != 1 {
		t.Errorf("the bar of SQLite's disk stands at %d figures, want 1:\n%s", n, table.String())
	}
	checkEmpty(t, folder)
	if names := databasesLeft(t, url); len(names) > 0 {
		t.Errorf("databases are left: %q", names)
	}
}

func TestSettledFillOfPostgreSQLCanBeForgotten(t *testing.T) {
	spec := fillSpec{Apps: 2, Rooms: 5, Callbacks: 20, Timeout: defaultTimeout, Settled: time.Hour}
	given, err := newPostgresPlace(t.Context(), pgtest.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	d, err := given.create(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := d.drop(); err != nil {
			t.Error(err)
		}
	}()
	order, err := json.Marshal(fillOrder{fillSpec: spec, Database: d.url(), URLs: []string{"http://127.0.0.1:9/callback"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := runFill(context.WithoutCancel(t.Context()), order, json.NewEncoder(io.Discard)); err != nil {
		t.Fatal(err)
	}
	answers := func(what string, want map[question]int64) {
		t.Helper()
		for q, n := range want {
			if got, err := ask(t.Context(), d, q); err != nil || got != n {
				t.Errorf("%s, question %d: got %d, %v, want %d", what, q, got, err, n)
			}
		}
	}
	answers("filled", map[question]int64{attemptsRecorded: 40, rowsForgotten: 0, rowsLeft: spec.rows(), deadLetters: 0})

	db, _, err := openStore(t.Context(), d.url())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	old := 0
	err = db.(delivery.Retention).Aged(t.Context(), time.Now().Add(-59*time.Minute), func(app live.AppID, to int64) error {
		old++
		if to != 25 {
			t.Errorf("App %d is old up to %d, want 25", app, to)
		}
		return nil
	})
	if err != nil || old != 2 {
		t.Errorf("%d Apps are old, %v, want 2", old, err)
	}
	if n, err := db.(delivery.Retention).Forget(t.Context(), firstApp, 25, 7); err != nil || n != 7 {
		t.Fatalf("%d rows forgotten, %v, want 7", n, err)
	}
	answers("forgotten", map[question]int64{rowsForgotten: 7, rowsLeft: spec.rows() - 7})
}

func TestCPUOfAServerOnThisMachineIsSeen(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("memory and CPU of a process are read on Linux only: run it there")
	}
	p, err := newPostgresPlace(t.Context(), pgtest.Start(t).URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	before, known := p.cpu()
	if !known {
		t.Fatal("the processes of the server are not seen")
	}
	if err := doPostgres(t.Context(), p.server.String(), `SELECT count(*) FROM generate_series(1, 3000000)`, postgresLimit); err != nil {
		t.Fatal(err)
	}
	if after, _ := p.cpu(); after-before < 20*time.Millisecond {
		t.Errorf("the server has used %v for a large statement", after-before)
	}
}

func TestRunThatIsStoppedLeavesNoDatabase(t *testing.T) {
	url := pgtest.Database(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	log := slog.New(stopAt{slog.DiscardHandler, "a scenario begins", cancel})
	if _, err := Run(ctx, Options{Scenarios: []string{"disk"}, Databases: []string{url}, Quick: true, Log: log}); err == nil {
		t.Error("a run that was stopped has no error")
	}
	if names := databasesLeft(t, url); len(names) > 0 {
		t.Errorf("databases are left: %q", names)
	}
}

// stopAt calls stop at a line of the log.
type stopAt struct {
	slog.Handler
	line string
	stop func()
}

// Enabled implements [slog.Handler].
func (stopAt) Enabled(context.Context, slog.Level) bool { return true }

// Handle implements [slog.Handler].
func (h stopAt) Handle(_ context.Context, r slog.Record) error {
	if r.Message == h.line {
		h.stop()
	}
	return nil
}
