package bench

import (
	"encoding/json"
	"math"
	"slices"
	"time"
)

// Spread is what repetitions of one measurement gave.
type Spread struct {
	Min    float64 `json:"min"`
	Median float64 `json:"median"`
	Max    float64 `json:"max"`
}

// MarshalJSON writes null where nothing was measured: JSON has no NaN.
func (s Spread) MarshalJSON() ([]byte, error) {
	if math.IsNaN(s.Median) {
		return []byte("null"), nil
	}
	type plain Spread // without this method
	return json.Marshal(plain(s))
}

// spread of no values is all NaN.
func spread(values []float64) Spread {
	if len(values) == 0 {
		return Spread{Min: math.NaN(), Median: math.NaN(), Max: math.NaN()}
	}
	return Spread{Min: slices.Min(values), Median: median(values), Max: slices.Max(values)}
}

// median of an even number of values is the mean of the middle two; that of none is NaN.
func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	mid := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[mid]
	}
	return (sorted[mid-1] + sorted[mid]) / 2
}

// percentile returns the smallest value that at least p of 100 values do not exceed (nearest rank, so it is one that was
// measured). sorted is in ascending order; of none it is NaN.
func percentile(sorted []float64, p float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	rank := int(math.Ceil(p / 100 * float64(len(sorted))))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

// ratios divides measurements of two things that were made in turns, pair by pair: what disturbed the machine for a
// while disturbed both halves of a pair. What has no partner is left out, and so is a pair that divides by zero.
func ratios(of, by []float64) []float64 {
	var list []float64
	for i := range min(len(of), len(by)) {
		if by[i] != 0 {
			list = append(list, of[i]/by[i])
		}
	}
	return list
}

// fastest returns the largest value of each repetition over several series.
func fastest(series ...[]float64) []float64 {
	var best []float64
	for _, values := range series {
		for i, v := range values {
			if i == len(best) {
				best = append(best, v)
				continue
			}
			best[i] = max(best[i], v)
		}
	}
	return best
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func microseconds(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
