package bench

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var nan = math.NaN()

func TestPercentileIsAValueThatWasMeasured(t *testing.T) {
	hundred := make([]float64, 100)
	for i := range hundred {
		hundred[i] = float64(i + 1)
	}
	cases := []struct {
		name   string
		sorted []float64
		p      float64
		want   float64
	}{
		{"p50 of a hundred", hundred, 50, 50},
		{"p99 of a hundred", hundred, 99, 99},
		{"p100 is the largest", hundred, 100, 100},
		{"p0 is the smallest", hundred, 0, 1},
		{"p50 of two", []float64{1, 9}, 50, 1},
		{"p99 of a few is the largest", []float64{1, 2, 3}, 99, 3},
		{"of one", []float64{7}, 99, 7},
		{"of none", nil, 50, nan},
	}
	for _, c := range cases {
		if got := percentile(c.sorted, c.p); !cmp.Equal(got, c.want, cmpopts.EquateNaNs()) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestSpreadNamesLeastMiddleAndMost(t *testing.T) {
	cases := []struct {
		name   string
		values []float64
		want   Spread
	}{
		{"odd", []float64{3, 1, 2}, Spread{1, 2, 3}},
		{"even", []float64{4, 1, 2, 3}, Spread{1, 2.5, 4}},
		{"one", []float64{5}, Spread{5, 5, 5}},
		{"none", nil, Spread{nan, nan, nan}},
	}
	for _, c := range cases {
		if diff := cmp.Diff(c.want, spread(c.values), cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestRatiosAreThoseOfPairs(t *testing.T) {
	cases := []struct {
		name         string
		of, by, want []float64
	}{
		{"pairs", []float64{1, 4, 9}, []float64{2, 4, 3}, []float64{0.5, 1, 3}},
		{"one has no partner", []float64{1, 4}, []float64{2}, []float64{0.5}},
		{"nothing to divide by", []float64{1, 4}, []float64{0, 2}, []float64{2}},
		{"none", nil, nil, nil},
	}
	for _, c := range cases {
		if diff := cmp.Diff(c.want, ratios(c.of, c.by)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestFastestIsTakenInEachRepetition(t *testing.T) {
	got := fastest([]float64{1, 5, 2}, []float64{3, 4, 2}, []float64{2, 2, 9})
	if diff := cmp.Diff([]float64{3, 5, 9}, got); diff != "" {
		t.Errorf("fastest (-want +got):\n%s", diff)
	}
}

func TestBarIsJudgedByTheMedian(t *testing.T) {
	cases := []struct {
		name   string
		must   *Must
		values []float64
		quick  bool
		want   string
	}{
		{"at least, reached", atLeast(2), []float64{1, 2, 9}, false, "ok"},
		{"at least, missed", atLeast(2), []float64{1, 1.9, 9}, false, "missed"},
		{"at most, reached", atMost(2), []float64{1, 2, 9}, false, "ok"},
		{"at most, missed", atMost(2), []float64{1, 2.1, 9}, false, "missed"},
		{"nothing was measured", atMost(2), nil, false, "missed"},
		{"what was measured is no number", atLeast(2), []float64{nan}, false, "missed"},
		{"no bar", nil, []float64{1}, false, ""},
		{"a quick run", atMost(2), []float64{9}, true, ""},
	}
	for _, c := range cases {
		r := &Report{Quick: c.quick}
		r.add(Figure{Scenario: "s", Name: c.name, Must: c.must, Values: c.values})
		if got := r.Figures[0].Verdict; got != c.want {
			t.Errorf("%s: verdict %q, want %q", c.name, got, c.want)
		}
		if got, want := len(r.Missed()) == 1, c.want == "missed"; got != want {
			t.Errorf("%s: listed as missed: %v, want %v", c.name, got, want)
		}
		if _, err := json.Marshal(r); err != nil {
			t.Errorf("%s: no JSON form: %v", c.name, err)
		}
	}
}
