package main

import "testing"

func TestSmallServerCollectsItsGarbageLateAndALargeOneAsGoDoes(t *testing.T) {
	for live, want := range map[uint64]int{
		0: 800, 1 << 20: 800, 4 << 20: 400, 8 << 20: 200, 16 << 20: 100, 17 << 20: 100, 1 << 40: 100,
	} {
		if got := garbagePercent(live); got != want {
			t.Errorf("%d bytes live: got %d, want %d", live, got, want)
		}
	}
}
