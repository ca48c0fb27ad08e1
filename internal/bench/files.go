package bench

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/ncruces/go-sqlite3"
)

// copyFile copies a closed database and syncs the copy, so that the disk is not still busy with it when it is used.
func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

// size is the sum of all files of a folder, in bytes. A file that goes away meanwhile counts nothing.
func size(folder string) (int64, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return 0, err
	}
	var sum int64
	for _, entry := range entries {
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return 0, err
		}
		sum += info.Size()
	}
	return sum, nil
}

// countRows counts the rows of a table in a database that no process has open.
func countRows(folder, table string) (count int64, err error) {
	c, err := sqlite3.OpenFlags(filepath.Join(folder, databaseFile), sqlite3.OPEN_READWRITE)
	if err != nil {
		return 0, fmt.Errorf("count the %s: %w", table, err)
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	s, _, err := c.Prepare("SELECT count(*) FROM " + sqlite3.QuoteIdentifier(table))
	if err != nil {
		return 0, fmt.Errorf("count the %s: %w", table, err)
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if s.Step() {
		count = s.ColumnInt64(0)
	}
	return count, s.Err()
}
