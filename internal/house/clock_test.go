package house

import (
	"fmt"
	"go/ast"
	"path"
	"slices"
	"testing"
)

func TestNoTestSleeps(t *testing.T) {
	report(t, sleepingTests(callboard(t)))
}

func TestPurePackagesTakeTimeAndChanceAsArguments(t *testing.T) {
	report(t, impure(callboard(t)))
}

// impureImports reach the outside world: none has a use in a package that only computes.
var impureImports = []string{"crypto/rand", "database/sql", "log", "math/rand", "net", "os", "os/exec", "os/signal"}

// impureCalls read a clock or the global source of randomness, or write a log. A *rand.Rand is an argument and may be used, and
// a type may say how it is logged.
var impureCalls = map[string][]string{
	"time": {"Now", "Since", "Until", "After", "AfterFunc", "Sleep", "NewTimer", "NewTicker", "Tick"},
	"log/slog": {"Debug", "Info", "Warn", "Error", "Log", "LogAttrs", "DebugContext", "InfoContext", "WarnContext", "ErrorContext",
		"Default", "New", "With"},
	"math/rand/v2": {"Int", "IntN", "Int32", "Int32N", "Int64", "Int64N", "Uint32", "Uint32N", "Uint64", "Uint64N", "UintN", "N",
		"Float32", "Float64", "NormFloat64", "ExpFloat64", "Perm", "Shuffle"},
}

// sleepingTests finds time.Sleep in tests: a test that sleeps is slow, flaky or both. Inside the bubble of synctest.Test the clock
// is the test's own and sleeping is how it is moved.
func sleepingTests(m *module) []string {
	var found []string
	for _, p := range m.packages {
		for _, f := range p.files {
			if !f.test {
				continue
			}
			bubbles := f.calls("testing/synctest", "Test")
			for _, call := range f.calls("time", "Sleep") {
				if !slices.ContainsFunc(bubbles, func(b *ast.CallExpr) bool { return b.Pos() < call.Pos() && call.End() <= b.End() }) {
					found = append(found, m.at(call)+": a test sleeps; wait for the event, or use a synctest bubble")
				}
			}
		}
	}
	return found
}

// impure finds what ties a pure package to a clock, to chance or to the outside world.
func impure(m *module) []string {
	var found []string
	for folder, p := range m.packages {
		if !table[folder].pure {
			continue
		}
		for _, f := range p.files {
			if !f.test {
				found = append(found, m.impureFile(f)...)
			}
		}
	}
	return found
}

func (m *module) impureFile(f *file) []string {
	var found []string
	for _, spec := range f.imports() {
		if slices.Contains(impureImports, target(spec)) {
			found = append(found, fmt.Sprintf("%s: a pure package imports %s", m.at(spec), target(spec)))
		}
	}
	for from, names := range impureCalls {
		for _, call := range f.calls(from, names...) {
			found = append(found, fmt.Sprintf("%s: a pure package calls %s; make it an argument", m.at(call), from))
		}
	}
	return found
}

// calls lists the calls in a file of the named functions of an imported package, whatever name it was imported by.
func (f *file) calls(importPath string, names ...string) []*ast.CallExpr {
	local := f.localName(importPath)
	if local == "" {
		return nil
	}
	var list []*ast.CallExpr
	ast.Inspect(f.tree, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		selector, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || !slices.Contains(names, selector.Sel.Name) {
			return true
		}
		if x, ok := selector.X.(*ast.Ident); ok && x.Name == local {
			list = append(list, call)
		}
		return true
	})
	return list
}

// localName is the name by which a file knows an imported package; empty when it does not import it.
func (f *file) localName(importPath string) string {
	for _, spec := range f.imports() {
		switch {
		case target(spec) != importPath:
		case spec.Name != nil:
			return spec.Name.Name
		case path.Base(importPath) == "v2":
			return path.Base(path.Dir(importPath))
		default:
			return path.Base(importPath)
		}
	}
	return ""
}
