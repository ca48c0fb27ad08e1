package config_test

import (
	"testing"

	"github.com/callboard/callboard/internal/config"
)

func TestMemoryIsANumberWithAUnit(t *testing.T) {
	for _, tt := range []struct {
		text string
		want int64 // 0: refused
	}{
		{"200MB", 200_000_000},
		{"1GB", 1_000_000_000},
		{"40000kB", 40_000_000},
		{"32768KiB", 32 << 20},
		{"31MiB", 31 << 20},
		{"2GiB", 2 << 30},
		{"123456789", 123_456_789},
		{`"200MB"`, 200_000_000},
		// The limits.
		{"32MB", 32_000_000},
		{"32000000", 32_000_000},
		{"31999999", 0},
		{"31MB", 0},
		{"30MiB", 0},
		{"0", 0},
		{"1000GB", 1_000_000_000_000},
		{"1000000000000", 1_000_000_000_000},
		{"1000000000001", 0},
		{"1001GB", 0},
		{"931GiB", 931 << 30},
		{"932GiB", 0},
		// What would wrap around to something allowed.
		{"18446744073709551616", 0},
		{"17179869185GiB", 0},
		{"18446744273709MB", 0},
		// Other ways to write a size.
		{"200 MB", 0},
		{"200mb", 0},
		{"200Mb", 0},
		{"200M", 0},
		{"40000KB", 0},
		{"1TB", 0},
		{"100000000B", 0},
		{"0.5GB", 0},
		{"2e8", 0},
		{"0x10000000", 0},
		{"200_000_000", 0},
		{"0200MB", 0},
		{"+200MB", 0},
		{"-200MB", 0},
		{"MB", 0},
		{"200MBMB", 0},
		{"' 200MB'", 0},
		{"٢٠٠MB", 0},
		{`""`, 0},
		{"true", 0},
	} {
		t.Run(tt.text, func(t *testing.T) {
			cfg, _, err := load(t, "memory: "+tt.text, nil)
			if (err == nil) != (tt.want > 0) || cfg.Memory != tt.want {
				t.Errorf("got %d, %v; want %d, where 0 is a refusal", cfg.Memory, err, tt.want)
			}
		})
	}
}

func TestAnEmptyMemoryVariableCountsAsNotSet(t *testing.T) {
	got := mustLoad(t, "memory: 100MB", map[string]string{config.EnvMemory: ""}).Memory
	if got != 100_000_000 {
		t.Errorf("got %d, want that of the file", got)
	}
}
