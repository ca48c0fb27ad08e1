package server

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/rest"
	"github.com/callboard/callboard/internal/wire"
)

const compatPage = "../../docs/compat.md"

// The page is made from the documented index, not from the handlers: what is missing here shows. -update writes it.
func TestCompatPageIsAsTheIndexAndTheCodeSay(t *testing.T) {
	got := newCompat(t).page()
	if *update {
		if err := os.WriteFile(compatPage, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(compatPage)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("docs/compat.md is not as it would be made now; go test ./internal/server -run Compat -update (-want +got):\n%s", diff)
	}
}

func TestCompatEveryDocumentedCallIsHandled(t *testing.T) {
	c := newCompat(t)
	var missing, indexed []string
	for _, call := range documentedCalls {
		indexed = append(indexed, call.path)
		if c.calls[call.path] == nil {
			missing = append(missing, call.path)
		}
	}
	sameSet(t, "calls without a handler", missing, nil)
	for path := range c.calls {
		if !slices.Contains(indexed, path) {
			t.Errorf("%s is handled and not in the index", path)
		}
	}
}

func TestCompatEveryDocumentedCallHasAGoldenPacket(t *testing.T) {
	for _, call := range documentedCalls {
		if _, err := os.Stat(goldenFile(call.command())); err != nil {
			t.Errorf("%s has no golden packet: %v", call.path, err)
		}
	}
}

func TestCompatFrequenciesAreTheDocumentedOnes(t *testing.T) {
	for _, call := range documentedCalls {
		want := call.perSecond
		if want == 0 {
			want = 200
		}
		if got, _ := rest.Frequency(call.command()); got != want {
			t.Errorf("%s: got %d calls a second, want %d", call.path, got, want)
		}
	}
}

func TestCompatEveryDocumentedCallbackIsSentOrHasNoSource(t *testing.T) {
	c := newCompat(t)
	var missing, hidden []string
	for _, cb := range documentedCallbacks {
		known := c.knows(cb.command)
		if known && cb.byHand {
			t.Errorf("%s has a source and is said to have none", cb.command)
		}
		if !known && !cb.byHand {
			missing = append(missing, cb.command)
		}
		if sent := slices.Contains(wire.Commands(), cb.command); sent != (known && cb.kind == after) {
			t.Errorf("%s: is sent %v, want %v", cb.command, sent, known && cb.kind == after)
		}
		if known && cb.kind == after && len(c.shown[cb.command]) == 0 {
			hidden = append(hidden, cb.command)
		}
	}
	sameSet(t, "callbacks that are neither sent nor asked", missing, nil)
	sameSet(t, "callbacks in no golden packet", hidden, nil)
}

// What the table says of a callback is what its golden packets show.
func TestCompatCallbacksAreSentAsTheTableSays(t *testing.T) {
	c := newCompat(t)
	for _, cb := range documentedCallbacks {
		for _, p := range c.shown[cb.command] {
			if p.parameters != cb.sent || p.lane != "" && p.lane != cb.lane {
				t.Errorf("%s in %s: %d parameters in the lane of %s, want %d in that of %s", cb.command, p.file, p.parameters, p.lane, cb.sent, cb.lane)
			}
		}
	}
}

func TestCompatChoicesAreThoseOfTheDecision(t *testing.T) {
	c := newCompat(t)
	for question, about := range choicesOf {
		if !slices.ContainsFunc(c.choices, func(ch choice) bool { return ch.question == question }) {
			t.Errorf("docs/decisions/0005 has no choice about %q", question)
		}
		for _, name := range about {
			call := slices.ContainsFunc(documentedCalls, func(d documentedCall) bool { return d.path == name })
			callback := slices.ContainsFunc(documentedCallbacks, func(d documentedCallback) bool { return d.command == name })
			if !call && !callback {
				t.Errorf("the choice about %q is of %q, which is in no index", question, name)
			}
		}
	}
}

func sameSet(t *testing.T, what string, got, want []string) {
	t.Helper()
	got, want = slices.Clone(got), slices.Clone(want)
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-listed +found):\n%s", what, diff)
	}
}

func (d *documentedCall) command() string { return d.path[strings.LastIndexByte(d.path, '/')+1:] }

func (d *documentedCall) service() string { return strings.Split(d.path, "/")[1] }

func goldenFile(command string) string { return filepath.Join(goldenFolder, command+".txtar") }

// compat is what the page is made of.
type compat struct {
	calls      map[string]*rest.Description // by path
	codes      map[string][]int             // documented ones, by command or service
	unanswered map[int]string               // codes that nothing leads to, with the reason
	choices    []choice
	shown      map[string][]shownCallback // in golden packets, by command
	words      map[string]bool            // of callbacks that the code knows
}

func (c *compat) knows(word string) bool { return c.words[word] }

func newCompat(t *testing.T) *compat {
	t.Helper()
	c := &compat{calls: map[string]*rest.Description{}, choices: readChoices(t), shown: readShown(t), words: readWords(t)}
	list := rest.Describe()
	for i := range list {
		c.calls[list[i].Path()] = &list[i]
	}
	c.codes, c.unanswered = readCodes(t)
	return c
}

// page is docs/compat.md.
func (c *compat) page() string {
	var b strings.Builder
	b.WriteString(`# Compatibility

What is documented, and what Callboard does. A test makes this page from the index of the documentation:
` + "`go test ./internal/server -run Compat -update`" + `. Pages are numbers of trtc.io/document (1071/N, cn:P/N: other
documentation of the same vendor; client: seen in the vendor's console only). Doubts and their choices are those of
[0005](decisions/0005-choices-where-documents-are-silent.md).

Frequencies hold with ` + "`limits: documented`" + ` in the section of an App, and are off without it.

## Calls

| call | pages | confidence | here | a second |
| --- | --- | --- | --- | --- |
`)
	for i := range documentedCalls {
		c.callRow(&b, &documentedCalls[i])
	}
	b.WriteString("\n## Callbacks\n\nBoth Before callbacks are asked and never stored; all others are, in the order of their lane.\n\n" +
		"| callback | page | confidence | kind | parameters | lane | sent when |\n| --- | --- | --- | --- | --- | --- | --- |\n")
	for i := range documentedCallbacks {
		c.callbackRow(&b, &documentedCallbacks[i])
	}
	b.WriteString("\n## Calls one by one\n\nRequired fields first say so. A field that is not named is passed over. Codes of the platform (60000 to 79999) can answer any\ncall and are not repeated.\n")
	for i := range documentedCalls {
		c.callSection(&b, &documentedCalls[i])
	}
	b.WriteString("\n## Choices about callbacks\n")
	for _, cb := range documentedCallbacks {
		if about := c.about(cb.command); len(about) > 0 {
			fmt.Fprintf(&b, "\n### `%s`\n\n", cb.command)
			writeChoices(&b, about)
		}
	}
	b.WriteString("\n## Choices about all of it\n\n")
	writeChoices(&b, c.general())
	return b.String()
}

func (c *compat) callRow(b *strings.Builder, d *documentedCall) {
	here, often := "no", ""
	if c.calls[d.path] != nil {
		here = fmt.Sprintf("[yes](#%s)", strings.NewReplacer("/", "").Replace(d.path))
	}
	perSecond, _ := rest.Frequency(d.command())
	often = fmt.Sprint(perSecond)
	fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s |\n", d.path, d.pages, d.confidence, here, often)
}

func (c *compat) callbackRow(b *strings.Builder, d *documentedCallback) {
	when, parameters := d.when, d.parameters
	switch {
	case d.byHand:
		when = "never sent: " + when
	case !c.knows(d.command):
		when = "not yet: " + when
	}
	if documented := fmt.Sprint(d.sent); documented != d.parameters && d.sent > 0 {
		parameters += "; here " + documented
	}
	fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s | %s | %s |\n", d.command, d.page, d.confidence, d.kind, parameters, d.lane, when)
}

func (c *compat) callSection(b *strings.Builder, d *documentedCall) {
	call := c.calls[d.path]
	if call == nil {
		return
	}
	fmt.Fprintf(b, "\n### %s\n\n", d.path)
	fmt.Fprintf(b, "Golden packet: [%s](../internal/wire/testdata/%s.txtar).", d.command(), d.command())
	perSecond, above := rest.Frequency(d.command())
	fmt.Fprintf(b, " Above %d calls a second: %d", perSecond, above)
	if d.command() == "create_room" {
		b.WriteString("; one RoomId named twice within a second: 100012")
	}
	b.WriteString(".\n")
	c.writeCodes(b, d)
	if len(call.Fields) > 0 {
		b.WriteString("\n| field | takes |\n| --- | --- |\n")
		for _, f := range call.Fields {
			fmt.Fprintf(b, "| `%s` | %s |\n", f.Path, takes(&f))
		}
	}
	if about := c.about(d.path); len(about) > 0 {
		b.WriteString("\n")
		writeChoices(b, about)
	}
}

// takes says what a field takes, with its limits.
func takes(f *rest.FieldDescription) string {
	text := f.Takes
	if f.Required {
		text = "required: " + text
	}
	switch list := strings.HasPrefix(f.Takes, "a list"); {
	case f.Different > 0:
		text += fmt.Sprintf(", at most %d different ones of at most %d bytes each", f.Different, f.Limit)
	case list && f.Limit > 0:
		text += fmt.Sprintf(", at most %d of at most %d bytes each", f.Entries, f.Limit)
	case list:
		text += fmt.Sprintf(", at most %d", f.Entries)
	case f.Limit > 0 && f.Takes == "an integer":
		text += fmt.Sprintf(" from %d to %d", f.Least, f.Limit)
	case f.Limit > 0:
		text += fmt.Sprintf(" of at most %d bytes", f.Limit)
	}
	return text
}

func (c *compat) writeCodes(b *strings.Builder, d *documentedCall) {
	codes := c.codes[d.command()]
	if _, above := rest.Frequency(d.command()); codes == nil && above == 100012 {
		codes = c.codes["the configuration of gifts"]
	}
	if codes == nil {
		codes = c.codes[d.service()]
	}
	var answered, never []string
	for _, code := range codes {
		if reason, ok := c.unanswered[code]; ok {
			never = append(never, fmt.Sprintf("%d (%s)", code, reason))
			continue
		}
		answered = append(answered, fmt.Sprint(code))
	}
	if len(answered) > 0 {
		fmt.Fprintf(b, "Documented codes: %s.", strings.Join(answered, ", "))
	}
	if len(never) > 0 {
		fmt.Fprintf(b, " Never answered: %s.", strings.Join(never, "; "))
	}
	if len(codes) > 0 {
		b.WriteString("\n")
	}
}

func writeChoices(b *strings.Builder, list []choice) {
	for _, ch := range list {
		fmt.Fprintf(b, "- %s: %s. Reason: %s.\n", ch.question, ch.choice, ch.reason)
	}
}

// choice is a row of docs/decisions/0005.
type choice struct{ question, choice, reason string }

func readChoices(t *testing.T) []choice {
	t.Helper()
	text, err := os.ReadFile("../../docs/decisions/0005-choices-where-documents-are-silent.md")
	if err != nil {
		t.Fatal(err)
	}
	var list []choice
	for _, row := range tableRows(string(text), 3) {
		if row[0] != "question" {
			list = append(list, choice{row[0], row[1], row[2]})
		}
	}
	if len(list) == 0 {
		t.Fatal("docs/decisions/0005 has no choices")
	}
	return list
}

// tableRows are the rows of the tables of a text that have so many cells, without the lines under their heads.
func tableRows(text string, cells int) [][]string {
	var rows [][]string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "| ---") {
			continue
		}
		row := strings.Split(strings.Trim(line, "| "), " | ")
		if len(row) == cells {
			rows = append(rows, row)
		}
	}
	return rows
}

// about are the choices about a call or a callback.
func (c *compat) about(name string) []choice {
	var list []choice
	for _, ch := range c.choices {
		if slices.Contains(ch.names(), name) {
			list = append(list, ch)
		}
	}
	return list
}

// general are the choices about no single call or callback.
func (c *compat) general() []choice {
	var list []choice
	for _, ch := range c.choices {
		if len(ch.names()) == 0 {
			list = append(list, ch)
		}
	}
	return list
}

// names are those of the calls and callbacks that a choice is about: it names them, or the table does.
func (ch *choice) names() []string {
	if names, ok := choicesOf[ch.question]; ok {
		return names
	}
	var names []string
	text := ch.question + " " + ch.choice
	for i := range documentedCalls {
		if regexp.MustCompile(`\b` + documentedCalls[i].command() + `\b`).MatchString(text) {
			names = append(names, documentedCalls[i].path)
		}
	}
	for _, cb := range documentedCallbacks {
		_, short, _ := strings.Cut(cb.command, ".Callback")
		if regexp.MustCompile(`\b` + strings.TrimPrefix(short, "After") + `\b`).MatchString(ch.question) {
			names = append(names, cb.command)
		}
	}
	return names
}
