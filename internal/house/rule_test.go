package house

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// A rule that finds nothing in a broken module is no rule.
func TestEachRuleFindsWhatItForbids(t *testing.T) {
	cases := []struct {
		name  string
		rule  func(*module) []string
		files map[string]string // path to source
		want  []string          // one fragment for each finding
	}{
		{"a package without a row", unknownPackages,
			map[string]string{"internal/util/util.go": "package util"},
			[]string{"internal/util: no row"}},
		{"live imports a store", wrongImports,
			map[string]string{"internal/live/a.go": "package live\nimport _ \"" + modulePath + "/internal/sqlite\""},
			[]string{"internal/live/a.go:2: internal/live may not import internal/sqlite"}},
		{"usersig imports a library", wrongImports,
			map[string]string{"usersig/a.go": "package usersig\nimport _ \"example.com/x\""},
			[]string{"may import the standard library only"}},
		{"the example of a public package shows an internal one", wrongImports,
			map[string]string{
				"callback/a.go":      "package callback\nvar A int",
				"callback/a_test.go": "package callback_test\nimport _ \"" + modulePath + "/internal/wire\""},
			[]string{"callback may not import internal/wire"}},
		{"a suite looks inside", wrongImports,
			map[string]string{"test/crash/a_test.go": "package crash\nimport _ \"" + modulePath + "/internal/server\""},
			[]string{"test/crash may not import internal/server"}},
		{"a test of an internal package stands on a store", wrongImports,
			map[string]string{
				"internal/engine/a.go":      "package engine\nvar A int",
				"internal/engine/a_test.go": "package engine_test\nimport _ \"" + modulePath + "/internal/sqlite\""},
			nil},
		{"an assertion library", assertionLibraries,
			map[string]string{"usersig/a_test.go": "package usersig\nimport _ \"github.com/stretchr/testify/require\""},
			[]string{"compare with go-cmp"}},
		{"no package comment", packageComments,
			map[string]string{"usersig/a.go": "package usersig"},
			[]string{"usersig: no package comment"}},
		{"two package comments", packageComments,
			map[string]string{
				"usersig/a.go":      "// Package usersig makes.\npackage usersig",
				"usersig/a_test.go": "// Package usersig tests.\npackage usersig"},
			[]string{"usersig: 2 package comments"}},
		{"a comment that is not about the package", packageComments,
			map[string]string{"usersig/a.go": "// Copyright.\npackage usersig"},
			[]string{"does not begin with \"Package usersig \""}},
		{"an unfuzzed decoder", missingFuzz,
			map[string]string{"usersig/a_test.go": "package usersig\nfunc TestFuzz() {}"},
			[]string{"usersig: decodes what the network sends"}},
		{"a fuzzed decoder", missingFuzz,
			map[string]string{"usersig/a_test.go": "package usersig\nfunc FuzzVerify() {}"},
			nil},
		{"a function without an example", missingExamples,
			map[string]string{
				"usersig/a.go":      "package usersig\nfunc Make() {}\nfunc Verify() {}\nfunc inner() {}\nfunc (t T) Method() {}",
				"usersig/a_test.go": "package usersig_test\nfunc ExampleVerify_expired() {}"},
			[]string{"usersig/a.go:2: usersig.Make has no ExampleMake"}},
		{"a sleeping test", sleepingTests,
			map[string]string{"usersig/a_test.go": "package usersig\nimport clock \"time\"\nfunc f() { clock.Sleep(1) }"},
			[]string{"usersig/a_test.go:3: a test sleeps"}},
		{"time moved in a bubble", sleepingTests,
			map[string]string{"usersig/a_test.go": "package usersig\nimport (\"time\"; \"testing/synctest\")\n" +
				"func f() { synctest.Test(t, func(t *T) { time.Sleep(1) }) }"},
			nil},
		{"a pure package reads the clock", impure,
			map[string]string{"internal/live/a.go": "package live\nimport \"time\"\nvar now = time.Now()"},
			[]string{"internal/live/a.go:3: a pure package calls time"}},
		{"a pure package rolls dice", impure,
			map[string]string{"internal/delivery/policy/a.go": "package policy\nimport \"math/rand/v2\"\nvar n = rand.IntN(6)"},
			[]string{"a pure package calls math/rand/v2"}},
		{"a pure package logs", impure,
			map[string]string{"internal/live/a.go": "package live\nimport \"log/slog\"\nfunc f() { slog.Info(\"\") }"},
			[]string{"a pure package calls log/slog"}},
		{"a pure package opens files", impure,
			map[string]string{"internal/live/a.go": "package live\nimport _ \"os\""},
			[]string{"a pure package imports os"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m, err := load(tree(c.files))
			if err != nil {
				t.Fatal(err)
			}
			compare(t, c.rule(m), c.want)
		})
	}
}

func TestMachinePathsAreFound(t *testing.T) {
	somebody := strings.Join([]string{"", "home", "ada", "x"}, "/")
	cases := []struct {
		name, text string
		want       []string
	}{
		{"a home folder", "a\nopen(\"" + somebody + "\")", []string{"f.md:2: a path of one machine"}},
		{"the checkout", "see /builds/callboard/main.go", []string{"f.md:1: a path of one machine"}},
		{"a binary file", "\x00" + somebody, nil},
		{"an import path", "import github.com/builds/callboard", nil},
		{"a URL", "GET https://example.com" + somebody, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			found, err := machinePaths(tree(map[string]string{"f.md": c.text}), "/builds/callboard")
			if err != nil {
				t.Fatal(err)
			}
			compare(t, found, c.want)
		})
	}
}

func TestForeignFoldersAreNotJudged(t *testing.T) {
	m, err := load(tree(map[string]string{
		"callback/a.go":          "package callback",
		"callback/testdata/a.go": "package broken",
		".tool/a.go":             "package broken",
		"_old/a.go":              "package broken",
		"bench/go.mod":           "module bench",
		"bench/inner/a.go":       "package broken",
	}))
	if err != nil {
		t.Fatal(err)
	}
	got := slices.Sorted(maps.Keys(m.packages))
	if diff := cmp.Diff([]string{"callback"}, got); diff != "" {
		t.Errorf("packages (-want +got):\n%s", diff)
	}
}

func tree(files map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, source := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(source)}
	}
	return fsys
}

// compare fails unless each finding holds the fragment wanted in its place.
func compare(t *testing.T, got, want []string) {
	t.Helper()
	slices.Sort(got)
	if len(got) != len(want) {
		t.Fatalf("found %q, want %q", got, want)
	}
	for i := range got {
		if !strings.Contains(got[i], want[i]) {
			t.Errorf("found %q, want %q in it", got[i], want[i])
		}
	}
}
