package pgtest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"
)

// oldest is the first major version of PostgreSQL that Callboard works with.
const oldest = 15

// missingError says which program is missing and how to get it.
type missingError string

func (e missingError) Error() string { return string(e) }

const (
	noPostgres missingError = "no PostgreSQL 15 or later on this machine: install it (Debian: apt-get install postgresql-15)"
	noBouncer  missingError = "no pgbouncer on this machine: install it (Debian: apt-get install pgbouncer)"
	noProcess  missingError = "no PostgreSQL can be started on this system"
)

// skipOrFail ends the test: skipped when a program is missing, else failed.
func skipOrFail(t testing.TB, err error) {
	t.Helper()
	if missing, ok := err.(missingError); ok { //nolint:errorlint // it is never wrapped; what wraps it has failed otherwise
		t.Skip(missing)
	}
	t.Fatal(err)
}

// packaged are the folders in which packages of Debian, Red Hat and Homebrew put the programs of a server.
var packaged = []string{
	"/usr/lib/postgresql/*/bin",
	"/usr/pgsql-*/bin",
	"/opt/homebrew/opt/postgresql@*/bin",
	"/usr/local/opt/postgresql@*/bin",
}

// findPostgres returns the folder with the newest initdb and postgres of this machine.
func findPostgres() (string, error) {
	if !runnable {
		return "", noProcess
	}
	folders := filepath.SplitList(os.Getenv("PATH"))
	for _, pattern := range packaged {
		found, err := filepath.Glob(pattern)
		if err != nil {
			return "", err
		}
		folders = append(folders, found...)
	}
	return newest(folders)
}

// newest returns the folder with the newest server, the first of those with the same version.
func newest(folders []string) (string, error) {
	best, folder := oldest-1, ""
	for _, f := range folders {
		if v := version(f); v > best {
			best, folder = v, f
		}
	}
	if folder == "" {
		return "", noPostgres
	}
	return filepath.Abs(folder)
}

var major = regexp.MustCompile(`^postgres \(PostgreSQL\) (\d+)`)

// version is the major version of the server whose programs are in a folder; 0: there is none that runs.
func version(folder string) int {
	if _, err := exec.LookPath(filepath.Join(folder, "initdb")); err != nil {
		return 0
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, filepath.Join(folder, "postgres"), "--version").Output()
	if err != nil {
		return 0
	}
	match := major.FindSubmatch(out)
	if match == nil {
		return 0
	}
	n, err := strconv.Atoi(string(match[1]))
	if err != nil {
		return 0
	}
	return n
}

// findBouncer returns the path of pgbouncer. Packages put it where only root's PATH leads.
func findBouncer() (string, error) {
	if !runnable {
		return "", noProcess
	}
	for _, name := range []string{"pgbouncer", "/usr/sbin/pgbouncer", "/usr/local/sbin/pgbouncer"} {
		path, err := exec.LookPath(name)
		if err == nil {
			return filepath.Abs(path)
		}
	}
	return "", noBouncer
}
