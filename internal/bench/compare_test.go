package bench

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStoresOfOneRunAreHeldAgainstEachOther(t *testing.T) {
	r := &Report{}
	measured := func(kind, scenario, name string, values ...float64) {
		r.add(Figure{Scenario: scenario, Database: kind, Name: name, Values: values})
	}
	measured(kindSQLite, "drain", "drain rate", 100)
	measured(kindSQLite, "flood", "flood rate", 100, 200, 400)
	measured(kindSQLite, "flood", "CPU of the server", 5)
	measured(kindPostgres, "drain", "bare sender, shipped", 100)
	measured(kindPostgres, "flood", "flood rate", 50, 60, 100)
	r.compare([]string{"drain", "flood"})
	type line struct {
		Kind, Scenario, Name string
		Values               []float64
		Verdict              string
	}
	var got []line
	for _, f := range r.Figures {
		got = append(got, line{f.Database, f.Scenario, f.Name, f.Values, f.Verdict})
	}
	want := []line{
		{kindSQLite, "drain", "drain rate", []float64{100}, ""},
		{kindPostgres, "drain", "bare sender, shipped", []float64{100}, ""},
		{kindSQLite, "flood", "flood rate", []float64{100, 200, 400}, ""},
		{kindSQLite, "flood", "CPU of the server", []float64{5}, ""},
		{kindPostgres, "flood", "flood rate", []float64{50, 60, 100}, ""},
		{kindPostgres, "flood", "flood rate against SQLite", []float64{0.5, 0.3, 0.25}, "missed"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("figures (-want +got):\n%s", diff)
	}
}

func TestRunOnOneStoreHasNothingToCompare(t *testing.T) {
	r := &Report{}
	r.add(Figure{Scenario: "flood", Database: kindPostgres, Name: "flood rate", Values: []float64{1}})
	r.compare([]string{"flood"})
	if len(r.Figures) != 1 {
		t.Errorf("%d figures, want the one that was measured", len(r.Figures))
	}
}
