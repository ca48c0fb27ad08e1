package house

import (
	"fmt"
	"strings"
	"testing"
)

func TestEveryPackageHasOnePackageComment(t *testing.T) {
	report(t, packageComments(callboard(t)))
}

// packageComments finds packages whose comment is missing, stands twice, or does not begin as godoc expects.
func packageComments(m *module) []string {
	var found []string
	for folder, p := range m.packages {
		var at []string
		for _, f := range p.files {
			if f.tree.Doc == nil {
				continue
			}
			at = append(at, f.path)
			if want := opening(f); !strings.HasPrefix(f.tree.Doc.Text(), want) {
				found = append(found, fmt.Sprintf("%s: the package comment does not begin with %q", f.path, want))
			}
		}
		switch {
		case len(at) == 0:
			found = append(found, folder+": no package comment")
		case len(at) > 1:
			found = append(found, fmt.Sprintf("%s: %d package comments, want 1: %s", folder, len(at), strings.Join(at, ", ")))
		}
	}
	return found
}

// opening is how the package comment of a file begins.
func opening(f *file) string {
	if f.tree.Name.Name == "main" {
		return "Command "
	}
	return "Package " + f.tree.Name.Name + " "
}
