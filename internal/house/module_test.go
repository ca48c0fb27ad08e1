package house

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const modulePath = "github.com/callboard/callboard"

// module is the source of this module, by package.
type module struct {
	fset     *token.FileSet
	packages map[string]*pkg // by folder
}

// pkg is a folder of Go files: the package, its tests and its external tests.
type pkg struct {
	folder string
	files  []*file
}

type file struct {
	path string
	test bool // _test.go
	tree *ast.File
}

// testsOnly tells that the package ships nothing: no file has a declaration that is not a test's.
func (p *pkg) testsOnly() bool {
	for _, f := range p.files {
		if !f.test && len(f.tree.Decls) > 0 {
			return false
		}
	}
	return true
}

// at says where a node stands: file and line.
func (m *module) at(n ast.Node) string {
	p := m.fset.Position(n.Pos())
	return fmt.Sprintf("%s:%d", p.Filename, p.Line)
}

// load parses every Go file of the module whose root fsys is, whatever its build tags.
func load(fsys fs.FS) (*module, error) {
	m := &module{fset: token.NewFileSet(), packages: map[string]*pkg{}}
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && foreign(fsys, name):
			return fs.SkipDir
		case entry.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		return m.add(fsys, name)
	})
	return m, err
}

// foreign tells the folders that the go command does not count to the module.
func foreign(fsys fs.FS, folder string) bool {
	if folder == "." {
		return false
	}
	base := path.Base(folder)
	if base == "testdata" || base == "vendor" || base[0] == '.' || base[0] == '_' {
		return true
	}
	_, err := fs.Stat(fsys, path.Join(folder, "go.mod"))
	return err == nil
}

func (m *module) add(fsys fs.FS, name string) error {
	source, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	tree, err := parser.ParseFile(m.fset, name, source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	folder := path.Dir(name)
	p := m.packages[folder]
	if p == nil {
		p = &pkg{folder: folder}
		m.packages[folder] = p
	}
	p.files = append(p.files, &file{path: name, test: strings.HasSuffix(name, "_test.go"), tree: tree})
	return nil
}

// imports lists the import paths of a file.
func (f *file) imports() []*ast.ImportSpec { return f.tree.Imports }

// target is the path that an import names.
func target(spec *ast.ImportSpec) string {
	p, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		panic("the parser accepted a broken import: " + spec.Path.Value)
	}
	return p
}

// root is the module's folder, as the tests of this package see it.
const root = "../.."

var loadOnce = sync.OnceValues(func() (*module, error) { return load(os.DirFS(root)) })

// callboard returns the module under test.
func callboard(t *testing.T) *module {
	t.Helper()
	m, err := loadOnce()
	if err != nil {
		t.Fatalf("load the module: %v", err)
	}
	return m
}
