package sqlite

import (
	"errors"
	"fmt"
	"path/filepath"
	"syscall"

	"github.com/ncruces/go-sqlite3"
)

// fullBelow is how many free bytes count as none: what failed was a write of more than one page.
const fullBelow = 1 << 20

// explain adds the free space of the database's folder to an error that a full disk may be behind. SQLite has no more to
// say about one than "disk I/O error". An error that carries the one of the system says it already.
func explain(err error, path string) error {
	var system syscall.Errno
	if !errors.Is(err, sqlite3.IOERR) && !errors.Is(err, sqlite3.FULL) && !errors.Is(err, sqlite3.CANTOPEN) || errors.As(err, &system) {
		return err
	}
	folder := filepath.Dir(path)
	free, ok := freeSpace(folder)
	switch {
	case !ok:
		return err
	case free < fullBelow:
		return fmt.Errorf("%w; the disk is full: %d bytes free in %s", err, free, folder)
	}
	return fmt.Errorf("%w; the disk is not full: %d MiB free in %s", err, free>>20, folder)
}

// blamesStore tells whether an error says that the store does not work: what SQLite refuses because of the values that it
// was given says nothing about that.
func blamesStore(err error) bool {
	for _, refused := range []error{sqlite3.CONSTRAINT, sqlite3.MISMATCH, sqlite3.TOOBIG, sqlite3.RANGE} {
		if errors.Is(err, refused) {
			return false
		}
	}
	return err != nil
}
