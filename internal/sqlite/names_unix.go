//go:build unix

package sqlite

import (
	"io/fs"
	"syscall"
)

// names returns the number of hard links of a file.
func names(info fs.FileInfo) uint64 {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 1
	}
	// Nlink has another width on each system.
	return uint64(stat.Nlink) //nolint:unconvert // needed where it is not uint64
}
