package house

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEveryPackageStandsInTheTable(t *testing.T) {
	report(t, unknownPackages(callboard(t)))
}

func TestImportsPointDown(t *testing.T) {
	report(t, wrongImports(callboard(t)))
}

func TestNoAssertionLibrary(t *testing.T) {
	report(t, assertionLibraries(callboard(t)))
}

// The table itself may not be bent: these are the sentences of the architecture.
func TestTableKeepsTheLayers(t *testing.T) {
	for _, name := range []string{"internal/live", "internal/eventlog"} {
		if got := reach(name); len(got) > 0 {
			t.Errorf("%s knows %q, want nobody", name, got)
		}
	}
	outside := slices.Concat(edges, stores, []string{"internal/server"})
	for _, edge := range edges {
		forbid(t, edge, outside)
	}
	for _, name := range public {
		for _, dep := range reach(name) {
			if !slices.Contains(public, dep) {
				t.Errorf("public package %s may reach %s", name, dep)
			}
		}
	}
	for name, row := range table {
		if name != "cmd/callboard" && slices.Contains(row.imports, "internal/server") {
			t.Errorf("%s may import internal/server, want cmd/callboard alone", name)
		}
		if slices.Contains(row.imports, all) && name != "internal/server" {
			t.Errorf("%s may import everything, want internal/server alone", name)
		}
	}
}

// forbid fails when the table lets name reach one of others.
func forbid(t *testing.T, name string, others []string) {
	t.Helper()
	for _, dep := range reach(name) {
		if dep != name && slices.Contains(others, dep) {
			t.Errorf("%s may reach %s", name, dep)
		}
	}
}

func TestTableNamesOnlyPackagesThatItHas(t *testing.T) {
	for name, row := range table {
		for _, dep := range row.imports {
			if _, ok := table[dep]; !ok && dep != all {
				t.Errorf("%s may import %s, which has no row", name, dep)
			}
		}
	}
}

func TestReachFollowsEveryImport(t *testing.T) {
	got := reach("internal/timer")
	want := []string{"callback", "internal/engine", "internal/eventlog", "internal/live", "internal/wire", "liveapi", "usersig"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("reach (-want +got):\n%s", diff)
	}
}

func unknownPackages(m *module) []string {
	var found []string
	for folder := range m.packages {
		if _, ok := table[folder]; !ok {
			found = append(found, folder+": no row in the table of internal/house; add one that says what it may import")
		}
	}
	return found
}

func wrongImports(m *module) []string {
	var found []string
	for folder, p := range m.packages {
		row, ok := table[folder]
		if !ok {
			continue
		}
		for _, f := range p.files {
			// Tests may stand on a real store or a whole server. Those of public packages are read as examples.
			free := f.test && !p.testsOnly() && !slices.Contains(public, folder)
			for _, spec := range f.imports() {
				if why := row.refuses(folder, target(spec), f.test); why != "" && !free {
					found = append(found, fmt.Sprintf("%s: %s", m.at(spec), why))
				}
			}
		}
	}
	return found
}

// refuses says why a package may not import a path; empty when it may. Tests may use libraries that the package itself may not.
func (r row) refuses(folder, imported string, test bool) string {
	name, own := strings.CutPrefix(imported, modulePath+"/")
	switch {
	case own && name == folder, own && slices.Contains(r.imports, all), own && slices.Contains(r.imports, name):
		return ""
	case own && test && slices.Contains(public, name):
		return ""
	case own && test && name == "internal/pgtest": // an Inbox is tested on both databases; no example does without one of its own
		return ""
	case own:
		return fmt.Sprintf("%s may not import %s", folder, name)
	case r.standard && !test && strings.Contains(firstElement(imported), "."):
		return fmt.Sprintf("%s imports %s, may import the standard library only", folder, imported)
	}
	return ""
}

func assertionLibraries(m *module) []string {
	var found []string
	for _, p := range m.packages {
		for _, f := range p.files {
			for _, spec := range f.imports() {
				for _, library := range []string{"github.com/stretchr/testify", "github.com/onsi/", "gotest.tools/", "github.com/matryer/is"} {
					if strings.HasPrefix(target(spec), library) {
						found = append(found, fmt.Sprintf("%s: %s: compare with go-cmp", m.at(spec), target(spec)))
					}
				}
			}
		}
	}
	return found
}

func firstElement(importPath string) string {
	first, _, _ := strings.Cut(importPath, "/")
	return first
}

// report fails the test with what a rule found, in a steady order.
func report(t *testing.T, found []string) {
	t.Helper()
	slices.Sort(found)
	for _, line := range found {
		t.Error(line)
	}
}
