package server

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// shownCallback is a callback of a golden packet.
type shownCallback struct {
	file       string
	parameters int
	lane       string // empty where the packet has none
}

var callbackURL = regexp.MustCompile(`(?m)^POST .*\?(\S*CallbackCommand=\S+)$`)

// readShown finds the callbacks of all golden packets.
func readShown(t *testing.T) map[string][]shownCallback {
	t.Helper()
	files, err := filepath.Glob(goldenFile("*"))
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string][]shownCallback{}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i, f := range archive.Files {
			match := callbackURL.FindSubmatch(f.Data)
			if match == nil {
				continue
			}
			query, err := url.ParseQuery(string(match[1]))
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			p := shownCallback{file: filepath.Base(file), parameters: len(query)}
			if i+1 < len(archive.Files) {
				p.lane = laneIn(string(archive.Files[i+1].Data))
			}
			shown[query.Get("CallbackCommand")] = append(shown[query.Get("CallbackCommand")], p)
		}
	}
	return shown
}

// laneIn names the lane of headers.
func laneIn(headers string) string {
	match := regexp.MustCompile(`(?m)^Callboard-Lane: (.*)$`).FindStringSubmatch(headers)
	switch {
	case match == nil:
		return ""
	case match[1] == "@app":
		return ofApp
	case strings.HasSuffix(match[1], "/members"):
		return ofMembers
	case strings.HasSuffix(match[1], "/messages"):
		return ofMessages
	}
	return ofControl
}

// readWords finds the command words whose constants, of package callback, are used by the code of the server.
func readWords(t *testing.T) map[string]bool {
	t.Helper()
	byName := map[string]string{}
	eachSource(t, "../../callback", func(src string) {
		for _, m := range regexp.MustCompile(`(?m)^\s*(?:const )?(Command\w+)\s+Command\s+= "([^"]+)"`).FindAllStringSubmatch(src, -1) {
			byName[m[1]] = m[2]
		}
	})
	words := map[string]bool{}
	eachSource(t, "..", func(src string) {
		for _, m := range regexp.MustCompile(`\bcallback\.(Command\w+)\b`).FindAllStringSubmatch(src, -1) {
			if word, ok := byName[m[1]]; ok {
				words[word] = true
			}
		}
	})
	return words
}

// eachSource yields the Go files of a folder and those below it, without tests.
func eachSource(t *testing.T, folder string, yield func(string)) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		src, err := os.ReadFile(path)
		if err == nil {
			yield(string(src))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// readCodes takes the documented codes, and the reasons of those that are never answered, from the tables that the test of the
// codes has: there they are held against what is answered.
func readCodes(t *testing.T) (codes map[string][]int, unanswered map[int]string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../wire/code_test.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	codes, unanswered = map[string][]int{}, map[int]string{}
	for _, entry := range entriesOf(file, "documented") {
		for _, code := range entry.Value.(*ast.CompositeLit).Elts {
			codes[stringOf(t, entry.Key)] = append(codes[stringOf(t, entry.Key)], intOf(t, code))
		}
	}
	for _, entry := range entriesOf(file, "notAnswered") {
		unanswered[intOf(t, entry.Key)] = stringOf(t, entry.Value)
	}
	follow(unanswered)
	if len(codes) == 0 || len(unanswered) == 0 {
		t.Fatal("the tables of codes were not found")
	}
	return codes, unanswered
}

// follow puts the reason in the place of one that says which other code has the same.
func follow(reasons map[int]string) {
	for code, reason := range reasons {
		for range reasons {
			other, found := strings.CutPrefix(reason, "as ")
			n, err := strconv.Atoi(other)
			if !found || err != nil {
				break
			}
			reason = reasons[n]
		}
		reasons[code] = reason
	}
}

// entriesOf are those of a map that is a variable of a file.
func entriesOf(file *ast.File, name string) []*ast.KeyValueExpr {
	var list []*ast.KeyValueExpr
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || spec.Names[0].Name != name || len(spec.Values) != 1 {
			return true
		}
		for _, e := range spec.Values[0].(*ast.CompositeLit).Elts {
			list = append(list, e.(*ast.KeyValueExpr))
		}
		return false
	})
	return list
}

func stringOf(t *testing.T, e ast.Expr) string {
	t.Helper()
	text, err := strconv.Unquote(e.(*ast.BasicLit).Value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func intOf(t *testing.T, e ast.Expr) int {
	t.Helper()
	n, err := strconv.Atoi(e.(*ast.BasicLit).Value)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// specFolder has the facts that the project is made from, where the checkout has them beside it.
func specFolder() string {
	if folder := os.Getenv("CALLBOARD_SPEC"); folder != "" {
		return folder
	}
	return "../../../shared/spec"
}

// Where the files are, the tables agree with them. Elsewhere there is nothing to compare.
func TestCompatIndexIsThatOfTheSpec(t *testing.T) {
	api, err := os.ReadFile(filepath.Join(specFolder(), "rest-api.md"))
	if err != nil {
		return
	}
	callbacks, err := os.ReadFile(filepath.Join(specFolder(), "callbacks.md"))
	if err != nil {
		t.Fatal(err)
	}
	sameSet(t, "calls of the index", indexOfTheTable(), indexOfTheSpec(string(api), string(callbacks)))
	sameSet(t, "callbacks", callbacksOfTheTable(), callbacksOfTheSpec(section(string(callbacks), "## 11. Summary table")))
}

func indexOfTheTable() []string {
	var list []string
	for _, d := range documentedCalls {
		text := d.path
		if d.pages != "client" || strings.HasPrefix(d.path, srv) { // the neighbours have no page
			text += " | " + d.pages
		}
		if !strings.HasPrefix(d.path, "v4/live_config/") && text != d.path { // that table has no confidence
			text += " | " + d.confidence
		}
		list = append(list, text)
	}
	return list
}

func indexOfTheSpec(api, callbacks string) []string {
	var list []string
	for _, row := range tableRows(section(api, "## 11. Endpoint index"), 3) {
		if service, _, ok := strings.Cut(row[0], "/"); ok && service != "live_config" {
			list = append(list, "v4/"+strings.Join(row, " | "))
		}
	}
	for _, row := range tableRows(section(callbacks, "### 5.2 "), 5) {
		if strings.HasPrefix(row[0], "`") {
			list = append(list, "v4/live_config/"+strings.Trim(row[0], "`")+" | "+row[1])
		}
	}
	for _, m := range regexp.MustCompile("`(v4/[a-z_]+/[a-z_]+)`").FindAllStringSubmatch(section(api, "## 10. Related calls"), -1) {
		list = append(list, m[1])
	}
	return list
}

func callbacksOfTheTable() []string {
	var list []string
	for _, d := range documentedCallbacks {
		blocks := map[string]string{after: "no", before: "**yes**", switched: "(switch only)"}[d.kind]
		list = append(list, strings.Join([]string{"`" + d.command + "`", d.page, blocks, d.parameters, d.confidence}, " | "))
	}
	return list
}

// callbacksOfTheSpec are those of Live, without the products beside it.
func callbacksOfTheSpec(text string) []string {
	var list []string
	for _, row := range tableRows(text, 5) {
		if strings.HasPrefix(row[0], "`") && !strings.HasPrefix(row[0], "`Room.") && !strings.HasPrefix(row[0], "`Call.") {
			list = append(list, strings.Join(row, " | "))
		}
	}
	return slices.Clip(list)
}

// section is the text from a heading to the next of its level.
func section(text, heading string) string {
	_, rest, _ := strings.Cut(text, heading)
	level, _, _ := strings.Cut(heading, " ")
	text, _, _ = strings.Cut(rest, "\n"+level+" ")
	return text
}
