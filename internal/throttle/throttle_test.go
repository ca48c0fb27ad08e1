package throttle

import (
	"testing"
	"time"
)

func TestOneFailureASecondIsToldOfWithTheCountOfTheOthers(t *testing.T) {
	var th Throttle
	noon := time.Date(2026, 3, 26, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		after  time.Duration
		untold int
		due    bool
	}{
		{0, 0, true}, {time.Millisecond, 0, false}, {999 * time.Millisecond, 0, false}, {time.Second, 2, true},
		{1500 * time.Millisecond, 0, false}, {3 * time.Second, 1, true}, {0, 0, true}, // a clock that was set back
	} {
		if untold, due := th.Next(noon.Add(c.after)); untold != c.untold || due != c.due {
			t.Errorf("after %v: %d untold, due %t; want %d and %t", c.after, untold, due, c.untold, c.due)
		}
	}
}
