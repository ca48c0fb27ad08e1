package pgtest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestNewestPostgresIsTaken(t *testing.T) {
	if !runnable {
		return // there is none to take
	}
	for _, c := range []struct {
		name    string
		folders []string // what postgres --version prints in each
		want    int      // which of them; -1: none
	}{
		{"none", nil, -1},
		{"too old", []string{"postgres (PostgreSQL) 14.12"}, -1},
		{"just new enough", []string{"postgres (PostgreSQL) 15.0"}, 0},
		{"numbers are not text", []string{"postgres (PostgreSQL) 9.6.24", "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"}, 1},
		{"the newest", []string{"postgres (PostgreSQL) 15.18", "postgres (PostgreSQL) 18beta1", "postgres (PostgreSQL) 17.2"}, 1},
		{"the first of the same", []string{"postgres (PostgreSQL) 16.1", "postgres (PostgreSQL) 16.4"}, 0},
		{"another program", []string{"mysqld 15"}, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			var folders []string
			for _, text := range c.folders {
				folders = append(folders, programs(t, text))
			}
			got, err := newest(folders)
			if c.want < 0 {
				if err == nil {
					t.Fatalf("took %s, want none", got)
				}
				return
			}
			if err != nil || got != folders[c.want] {
				t.Errorf("took %q (%v), want %q", got, err, folders[c.want])
			}
		})
	}
}

// programs makes a folder with an initdb, and a postgres of some version.
func programs(t *testing.T, version string) string {
	t.Helper()
	folder := t.TempDir()
	for _, name := range []string{"initdb", "postgres"} {
		script := fmt.Sprintf("#!/bin/sh\necho '%s'\n", version)
		must(t, os.WriteFile(filepath.Join(folder, name), []byte(script), 0o700))
	}
	return folder
}

func TestWithoutAProgramTheTestIsSkippedAndToldHowToGetIt(t *testing.T) {
	if !runnable {
		return // there is none to get
	}
	t.Setenv("PATH", t.TempDir())
	t.Setenv(variable, "")
	before := packaged
	packaged = nil
	t.Cleanup(func() { packaged = before })

	_, err := openHost()
	wantSkip(t, err, "apt-get install postgresql-15", variable)
	_, err = newServer()
	wantSkip(t, err, "apt-get install postgresql-15")
	wantSkip(t, noBouncer, "apt-get install pgbouncer")
}

func wantSkip(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error, want one")
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("error %q, want %q in it", err, word)
		}
	}
	if got := ending(err); got != "skipped" {
		t.Errorf("%v: the test is %s, want skipped", err, got)
	}
}

// ending is how skipOrFail ends a test for an error.
func ending(err error) string {
	var end recorder
	skipOrFail(&end, err)
	return end.how
}

// recorder is a test that records how it was ended.
type recorder struct {
	testing.TB
	how string
}

func (r *recorder) Helper() {}

func (r *recorder) Skip(...any) { r.how = "skipped" }

func (r *recorder) Fatal(...any) {
	if r.how == "" { // a real one would not have come here after Skip
		r.how = "failed"
	}
}
