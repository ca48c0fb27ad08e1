package bench

import (
	"log/slog"
	"math"
	"slices"
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
	if n := value("dead versions of states"); n < 100 {
		t.Errorf("rooms have %v dead versions, want those of all changes", n)
	}
}

func TestRateOfATenthIsThatOfItsTime(t *testing.T) {
	begun := time.Now()
	r := &heldLoad{marks: []mark{
		{begun, 100, 90, time.Second, 1e6, 1000},
		{begun.Add(2 * time.Second), 300, 190, 2 * time.Second, 5e6, 4000},
	}}
	want := tenth{changes: 100, callbacks: 50, cpu: 5000, store: 20000, pages: 15}
	if diff := cmp.Diff(want, r.tenth(0), cmp.AllowUnexported(tenth{})); diff != "" {
		t.Errorf("tenth (-want +got):\n%s", diff)
	}
}
