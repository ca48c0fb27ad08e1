package house

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
	"testing"
)

func TestEveryNetworkDecoderIsFuzzed(t *testing.T) {
	report(t, missingFuzz(callboard(t)))
}

func TestEveryPublicFunctionHasAnExample(t *testing.T) {
	report(t, missingExamples(callboard(t)))
}

// missingFuzz finds packages that decode what the network sends and have no fuzz target.
func missingFuzz(m *module) []string {
	var found []string
	for folder, p := range m.packages {
		fuzzed := slices.ContainsFunc(p.functions(true), func(d *ast.FuncDecl) bool {
			return strings.HasPrefix(d.Name.Name, "Fuzz")
		})
		if table[folder].fuzz && !fuzzed {
			found = append(found, folder+": decodes what the network sends and has no fuzz target")
		}
	}
	return found
}

// missingExamples finds exported functions of public packages (methods excluded) that no example shows. The example of F is
// ExampleF or ExampleF_suffix.
func missingExamples(m *module) []string {
	var found []string
	for _, folder := range public {
		p, ok := m.packages[folder]
		if !ok {
			continue
		}
		shown := map[string]bool{}
		for _, d := range p.functions(true) {
			if name, ok := strings.CutPrefix(d.Name.Name, "Example"); ok {
				name, _, _ = strings.Cut(name, "_")
				shown[name] = true
			}
		}
		for _, d := range p.functions(false) {
			if d.Name.IsExported() && !shown[d.Name.Name] {
				found = append(found, fmt.Sprintf("%s: %s.%s has no Example%s", m.at(d), folder, d.Name.Name, d.Name.Name))
			}
		}
	}
	return found
}

// functions lists the functions, without methods, that the tests or the other files of a package declare.
func (p *pkg) functions(tests bool) []*ast.FuncDecl {
	var list []*ast.FuncDecl
	for _, f := range p.files {
		if f.test != tests {
			continue
		}
		for _, d := range f.tree.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil {
				list = append(list, fn)
			}
		}
	}
	return list
}
