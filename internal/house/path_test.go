package house

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// home matches folders that are somebody's own. The pieces keep this file from matching itself.
var home = regexp.MustCompile(`(^|[^\w.-])/(` + strings.Join([]string{"home", "root", "Users"}, "|") + `)/\w`)

func TestNoFileHoldsAPathOfAMachine(t *testing.T) {
	absolute, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	found, err := machinePaths(os.DirFS(root), filepath.ToSlash(absolute))
	if err != nil {
		t.Fatal(err)
	}
	report(t, found)
}

// machinePaths finds the lines of text files that name a home folder, or checkout, the folder in which the module lies
// while the test runs.
func machinePaths(fsys fs.FS, checkout string) ([]string, error) {
	patterns := []*regexp.Regexp{home}
	if strings.Count(checkout, "/") > 1 { // a checkout such as /src would match ordinary words
		patterns = append(patterns, regexp.MustCompile(`(^|[^\w.-])`+regexp.QuoteMeta(checkout)+`\b`))
	}
	var found []string
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (name == ".git" || path.Base(name) == "node_modules"):
			return fs.SkipDir
		case !entry.Type().IsRegular():
			return nil
		}
		lines, err := matchingLines(fsys, name, patterns)
		found = append(found, lines...)
		return err
	})
	return found, err
}

// matchingLines reports the lines of a text file that match one of the patterns. What building and testing leave behind
// (named in .gitignore) is no text of the project.
func matchingLines(fsys fs.FS, name string, patterns []*regexp.Regexp) ([]string, error) {
	if path.Ext(name) == ".out" || path.Ext(name) == ".test" || path.Ext(name) == ".prof" {
		return nil, nil
	}
	source, err := fs.ReadFile(fsys, name)
	if errors.Is(err, fs.ErrNotExist) { // another test, run at the same time, has tidied up
		return nil, nil
	}
	if err != nil || bytes.IndexByte(source, 0) >= 0 {
		return nil, err
	}
	var found []string
	for number, line := range bytes.Split(source, []byte("\n")) {
		for _, pattern := range patterns {
			if pattern.Match(line) {
				found = append(found, fmt.Sprintf("%s:%d: a path of one machine: %s", name, number+1, bytes.TrimSpace(line)))
				break
			}
		}
	}
	return found, nil
}
