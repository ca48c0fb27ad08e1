package config

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// maxVisits bounds the values read. An alias counts at every use, so a small
// file cannot unfold into a large configuration.
const maxVisits = 50_000

// value is a YAML value and the path of the key that leads to it.
type value struct {
	node *yaml.Node
	key  string
	// line is where an alias was used; 0 without one.
	line int
}

// field is a key that a section may have, and what reads its value.
type field struct {
	name string
	read func(value)
}

func (l *loader) at(v value) place {
	if v.line > 0 {
		return place{file: l.file, line: v.line, key: v.key}
	}
	return place{file: l.file, line: v.node.Line, key: v.key}
}

// visit counts a value, and is false once there are too many.
func (l *loader) visit(at place) bool {
	l.visits++
	if l.visits == maxVisits+1 {
		l.refuse(at, "more than %d values, those behind aliases counted at every use", maxVisits)
	}
	return l.visits <= maxVisits
}

// open follows an alias. It is false for a value that cannot be read, which
// it has refused.
func (l *loader) open(v value) (value, bool) {
	if v.node.Kind == yaml.AliasNode {
		v.line, v.node = l.at(v).line, v.node.Alias
	}
	if v.node.Style&yaml.TaggedStyle != 0 || v.node.Tag == "!" {
		l.refuse(l.at(v), "a tag (!…) is not allowed; put quotes around a text that begins with !")
		return v, false
	}
	if v.node.Kind == yaml.ScalarNode && v.node.ShortTag() == "!!null" {
		l.refuse(l.at(v), "has no value; write one or remove the key")
		return v, false
	}
	return v, true
}

// section reads a mapping and tells which of the keys it has.
func (l *loader) section(v value, fields ...field) (given map[string]bool, ok bool) {
	v, ok = l.open(v)
	if !ok {
		return nil, false
	}
	if v.node.Kind != yaml.MappingNode {
		l.refuse(l.at(v), "must be a section with the keys %s", names(fields, "and"))
		return nil, false
	}
	given = make(map[string]bool, len(fields))
	lines := make(map[string]int, len(fields))
	for i := 0; i+1 < len(v.node.Content); i += 2 {
		if !l.visit(l.at(v)) {
			return nil, false
		}
		f := l.key(v, v.node.Content[i], fields, lines)
		if f != nil {
			given[f.name] = true
			f.read(value{node: v.node.Content[i+1], key: join(v.key, f.name), line: v.line})
		}
	}
	return given, true
}

// key finds the field of a key, and refuses one that is unknown or repeated.
func (l *loader) key(v value, n *yaml.Node, fields []field, lines map[string]int) *field {
	at := l.at(value{node: n, key: v.key, line: v.line})
	if n.Kind != yaml.ScalarNode {
		l.refuse(at, "a key must be one of %s", names(fields, "or"))
		return nil
	}
	i := slices.IndexFunc(fields, func(f field) bool { return f.name == n.Value })
	if i < 0 {
		l.refuse(at, "unknown key %s; use %s", quote(n.Value), names(fields, "or"))
		return nil
	}
	if first, again := lines[n.Value]; again {
		at.key = join(v.key, n.Value)
		l.refuse(at, "stands twice; the first is on line %d", first)
		return nil
	}
	lines[n.Value] = n.Line
	return &fields[i]
}

// list reads a sequence. It gives false if the value is none.
func (l *loader) list(v value, each func(value)) bool {
	v, ok := l.open(v)
	if !ok {
		return false
	}
	if v.node.Kind != yaml.SequenceNode {
		l.refuse(l.at(v), "must be a list, such as [] or lines that begin with -")
		return false
	}
	for i, n := range v.node.Content {
		if !l.visit(l.at(v)) {
			return false
		}
		each(value{node: n, key: v.key + "[" + strconv.Itoa(i) + "]", line: v.line})
	}
	return true
}

func join(parent, name string) string {
	if parent == "" {
		return name
	}
	return parent + "." + name
}

// names lists the fields as a sentence does: "a, b or c".
func names(fields []field, word string) string {
	all := make([]string, len(fields))
	for i, f := range fields {
		all[i] = f.name
	}
	return sentence(all, word)
}

func sentence(all []string, word string) string {
	last := len(all) - 1
	if last < 1 {
		return strings.Join(all, "")
	}
	return strings.Join(all[:last], ", ") + " " + word + " " + all[last]
}
