// Command ncrucessql measures github.com/ncruces/go-sqlite3 through database/sql.
package main

import (
	_ "github.com/ncruces/go-sqlite3/driver"

	"github.com/callboard/callboard/docs/decisions/sqlitebench/bench"
)

func main() { bench.Main(bench.SQLOpener("sqlite3")) }
