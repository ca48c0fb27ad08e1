// Command modernc measures modernc.org/sqlite through database/sql.
package main

import (
	"errors"
	"log"

	"modernc.org/sqlite"

	"github.com/callboard/callboard/docs/decisions/sqlitebench/bench"
)

func main() {
	// The others sync with fdatasync on Linux; the answer must not depend on that.
	if _, err := sqlite.Fdatasync(true); err != nil && !errors.Is(err, sqlite.ErrFdatasyncUnavailable) {
		log.Fatal(err)
	}
	bench.Main(bench.SQLOpener("sqlite"))
}
