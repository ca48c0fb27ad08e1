//go:build !linux && !darwin

package sqlite

// freeSpace cannot be told here.
func freeSpace(string) (free uint64, ok bool) { return 0, false }
