package bench

import (
	"log/slog"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/config"
)

// What a password may have must reach serve as it is.
func TestConfigOfTheServerHasTheURLAsItIs(t *testing.T) {
	for _, want := range []string{
		"sqlite:/tmp/a b/$HOME/\"x\"/callboard.db", "postgres://u:$A$$%40:'@127.0.0.1:5433/callboard_bench_x?sslmode=disable",
	} {
		file := filepath.Join(t.TempDir(), configFile)
		if err := os.WriteFile(file, []byte("database: "+literal(want)+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, _, err := config.Load(config.Options{Path: file, Getenv: func(string) string { return "" }})
		if err != nil {
			t.Errorf("%s: %v", want, err)
			continue
		}
		if cfg.Database != want {
			t.Errorf("got %q, want %q", cfg.Database, want)
		}
	}
}

func TestDatabasesOfMeasurementsAreOnTheServerThatWasGiven(t *testing.T) {
	cases := map[string]string{
		"postgres://me:pw@db:5433/postgres?sslmode=require": "postgres://me:pw@db:5433/b?sslmode=require",
		"postgres://me@db": "postgres://me@db/b",
		"postgres://me@db/x?dbname=y&host=%2Frun%2Fpostgresql": "postgres://me@db/b?host=%2Frun%2Fpostgresql",
	}
	for given, want := range cases {
		u, err := url.Parse(given)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, (&postgresPlace{server: u}).at("b")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", given, diff)
		}
	}
}

func TestServerThatCannotBeReachedEndsTheRunAndLeavesNothing(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	report, err := Run(t.Context(), Options{
		Scenarios: []string{"disk"}, Databases: []string{"postgres://me:hunter2@127.0.0.1:1/x?sslmode=disable"}, Quick: true,
	})
	if err == nil || !strings.Contains(err.Error(), "connection refused") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("error %v, want one that says why, without the password", err)
	}
	if report != nil && len(report.Figures) > 0 {
		t.Error("there are figures")
	}
	checkEmpty(t, temporary)
}

func TestBarsOfPostgreSQLAreItsOwn(t *testing.T) {
	sqlite, postgres := atLeast(2), atLeast(1)
	for _, c := range []struct {
		kind string
		on   []*Must
		want *Must
	}{
		{kindSQLite, nil, sqlite},
		{kindSQLite, []*Must{postgres}, sqlite},
		{kindPostgres, nil, nil},
		{kindPostgres, []*Must{postgres}, postgres},
	} {
		l := &lab{kind: c.kind, report: &Report{}, log: slog.New(slog.DiscardHandler)}
		l.figure("rate", "1/s", []float64{1}, sqlite, c.on...)
		if got := l.report.Figures[0]; got.Must != c.want || got.Database != c.kind {
			t.Errorf("%s, %d other bars: got %v", c.kind, len(c.on), got)
		}
	}
}

func TestStoreWithoutProcessesHasNoLineOfItsCPU(t *testing.T) {
	l := &lab{kind: kindSQLite, place: sqlitePlace{}, report: &Report{}, log: slog.New(slog.DiscardHandler)}
	if got := l.storeCPU(); !math.IsNaN(got) {
		t.Errorf("CPU of a store without processes: %v", got)
	}
	l.figure("CPU of the database", "µs/change", []float64{l.storeCPU() / 7}, nil)
	if len(l.report.Figures) > 0 {
		t.Errorf("figures %v, want none", l.report.Figures)
	}
}
