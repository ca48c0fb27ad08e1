//go:build linux || darwin

package sqlite

import "golang.org/x/sys/unix"

// freeSpace returns how many bytes this user can still write in a folder.
func freeSpace(folder string) (free uint64, ok bool) {
	var stat unix.Statfs_t
	if err := unix.Statfs(folder, &stat); err != nil {
		return 0, false
	}
	return stat.Bavail * uint64(stat.Bsize), true
}
