package bench

import (
	"cmp"
	"slices"
)

// besides are the figures of other stores that are held against those of SQLite in the same run. They are not measured in
// turns, so that a ratio also says what happened on the machine in between.
var besides = []struct {
	scenario, figure string
	must             *Must
}{
	{"drain", "drain rate", nil},
	{"flood", "flood rate", atLeast(0.35)},
}

// compare adds ratios to SQLite where both were measured, and puts figures of one scenario together.
func (r *Report) compare(scenarios []string) {
	for _, b := range besides {
		values := func(kind string) []float64 {
			i := slices.IndexFunc(r.Figures, func(f Figure) bool {
				return f.Scenario == b.scenario && f.Name == b.figure && f.Database == kind
			})
			if i < 0 {
				return nil
			}
			return r.Figures[i].Values
		}
		sqlite, postgres := values(kindSQLite), values(kindPostgres)
		if sqlite != nil && postgres != nil {
			r.add(Figure{
				Scenario: b.scenario, Database: kindPostgres, Name: b.figure + " against SQLite", Unit: "ratio",
				Values: ratios(postgres, sqlite), Must: b.must,
			})
		}
	}
	slices.SortStableFunc(r.Figures, func(a, b Figure) int {
		return cmp.Compare(slices.Index(scenarios, a.Scenario), slices.Index(scenarios, b.Scenario))
	})
}
