package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/gofrs/flock"
)

// Two processes on one file would both number events, and each would believe its own cache. So one file has one lock,
// whatever it is called: symbolic links are followed before the lock is named, and a second hard link, whose names
// cannot be told from each other, is refused. It would also lead to a WAL of its own, so that a start under the other
// name after a crash would miss what was committed.
//
// The lock is on a side file and not on the database: there it would stand beside SQLite's own locks, which on network
// file systems and on some kinds of Unix are of the same kind and would conflict with it.

// locate makes the file if it is missing and returns its path without symbolic links.
func locate(path string) (string, error) {
	full, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("open %s: %w", path, err)
	}
	// Made before the lock is taken, because a link to a file that is missing leads nowhere. A file that is there is not
	// changed.
	if err := createPrivate(full); err != nil {
		return "", err
	}
	target, err := filepath.EvalSymlinks(full)
	if err != nil {
		return "", fmt.Errorf("follow the links of %s: %w", full, err)
	}
	return target, refuseSecondName(target)
}

// createPrivate makes a missing file readable by its owner only, before SQLite would make it with the umask's mode.
func createPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("open the database: %w; is the folder there, and may this user write in it?", err)
	}
	if err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	return f.Close()
}

// refuseSecondName refuses a file with more than one hard link.
func refuseSecondName(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	if n := names(info); n > 1 {
		return fmt.Errorf("the database %s has %d names (hard links), and opening it by two of them would destroy it: keep the name it was last used by "+
			"and remove the others (find / -xdev -samefile %[1]s lists them); to have a second file, copy it instead of linking it", path, n)
	}
	return nil
}

func takeLock(path string) (*flock.Flock, error) {
	lock := flock.New(path+".lock", flock.SetPermissions(0o600))
	ok, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w; may this user write in the folder?", lock.Path(), err)
	}
	if !ok {
		return nil, fmt.Errorf("the database %s is in use by another process (it holds %s): stop that process, or use another file with --database",
			path, lock.Path())
	}
	return lock, nil
}

// restrict makes the database files readable by their owner only.
func restrict(path string) error {
	if runtime.GOOS == "windows" {
		return nil // access there is inherited from the folder
	}
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		if err := os.Chmod(name, 0o600); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	return nil
}
