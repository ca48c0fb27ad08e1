package config

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/callboard/callboard/callback"
)

// TestConfigAndReceiversKnowTheSameCommands fails if the file warns of a command that receivers know, or takes one
// silently that they do not. Package callback gives out no list, so its words are read from its source.
func TestConfigAndReceiversKnowTheSameCommands(t *testing.T) {
	words := append(commandWords(t, "../../callback"), commands...)
	slices.Sort(words)
	words = slices.Compact(words)
	known := 0
	for _, word := range words {
		here, there := knownCommand(word), callback.KnownCommand(word)
		if here != there {
			t.Errorf("%s: known to config: %t, to callback: %t", word, here, there)
		}
		if there {
			known++
		}
	}
	// What would be missed if the words stood in the source in another way.
	if known != len(commands) || known == len(words) {
		t.Errorf("found %d commands among %d words, want each of %d and the misprint of the documents", known, len(words), len(commands))
	}
}

// commandWords gives all texts in the source of a package, its tests apart, that look like a callback command.
func commandWords(t *testing.T, folder string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(filepath.FromSlash(folder), "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil && strings.Contains(s, ".Callback") {
					words = append(words, s)
				}
			}
			return true
		})
	}
	return words
}
