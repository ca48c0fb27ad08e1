package config

import (
	"strconv"
	"strings"
)

// The limits of Config.Memory in bytes. Below the least, the parts of a server
// that share it no longer do their work.
const (
	minMemory = 32_000_000
	maxMemory = 1_000_000_000_000
)

// useSize is what a refused size is answered with.
const useSize = "use a size from 32MB to 1000GB, such as 200MB: a whole number with kB, MB, GB, KiB, MiB or GiB, or of bytes"

// units are what may stand behind the number of a size; without one it counts
// bytes.
var units = []struct {
	name  string
	bytes uint64
}{
	{"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9},
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30},
}

// parseSize reads a size in bytes from low to high, such as 200MB. Letter case
// counts, and nothing may stand between the number and its unit.
func parseSize(s string, low, high uint64) (size uint64, ok bool) {
	number, unit := s, uint64(1)
	for _, u := range units {
		if before, found := strings.CutSuffix(s, u.name); found {
			number, unit = before, u.bytes
			break
		}
	}
	n, err := strconv.ParseUint(number, 10, 64)
	if err != nil || strconv.FormatUint(n, 10) != number || n > high/unit {
		return 0, false
	}
	return n * unit, n*unit >= low
}

// memory reads the size that all budgets are scaled by.
func (l *loader) memory(v value, dst *int64) {
	if s, ok := l.scalar(v, "a size"); ok {
		l.useMemory(l.at(v), s.text, s.shown, dst)
	}
}

// useMemory takes the memory from any source.
func (l *loader) useMemory(at place, text, shown string, dst *int64) {
	size, ok := parseSize(text, minMemory, maxMemory)
	if !ok {
		l.refuse(at, "%s is not allowed; %s", shown, useSize)
		return
	}
	*dst = int64(size)
}
