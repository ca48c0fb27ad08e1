package rest

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/callboard/callboard/internal/wire"
	"github.com/callboard/callboard/liveapi"
)

// emptyIsGood names required fields that can be empty.
var emptyIsGood = map[string]bool{"Next": true, "CallbackCommandList": true, "RoomInfo": true,
	"Keys": true, "Value": true}

// wrong are values of every type of JSON, by the kinds that take them.
var wrong = []struct {
	value   string
	takenBy []kind
}{
	{`1`, []kind{anInteger, aTextOrInteger}},
	{`1.5`, nil},
	{`1e2`, nil},
	{`9223372036854775808`, nil},
	{`"x"`, []kind{aText, anAccount, textOrList, aTextOrInteger}},
	{`true`, []kind{aFlag}},
	{`{}`, []kind{anObject}},
	{`["x"]`, []kind{accountsOf, textsOf, textOrList}},
	{`[1]`, []kind{integersOf}},
	{`[[]]`, nil},
	{`[{}]`, []kind{objectsOf}}, // what an entry lacks is tried field by field
	{`[null]`, nil},
}

// badValue is a value that a field must refuse, with the code and a text that names the field.
type badValue struct {
	name, value string
	code        liveapi.Code
	words       []string // further words of the text
}

// badValues derives what must be refused from what the field takes. good is the value of the sample.
func badValues(f field, good json.RawMessage) []badValue {
	list := badTypes(f)
	add := func(name, value string, words ...string) {
		list = append(list, badValue{name, value, liveapi.CodeInvalidParameter, words})
	}
	tooLong := func() string { return strings.Repeat("a", int(f.limit)+1) }
	over := liveapi.CodeInvalidParameter
	if f.over != 0 {
		over = wire.Code(f.over)
	}
	switch f.takes {
	case aText, anAccount, aTextOrInteger:
		list = append(list, badValue{"too long by one", quote(tooLong()), over, nil})
		add("NUL", `"a\u0000"`)
		add("half a surrogate pair", `"\ud83d\u0041"`)
		add("the other half", `"\ude00"`)
		if f.required && !emptyIsGood[f.name] {
			add("empty", `""`)
		}
		if f.limit == maxWord {
			add("unknown word", `"Unknown"`)
		}
	case accountsOf, textsOf, textOrList:
		if f.different > 0 && f.name != "Admin_Account" { // how many administrators are too many depends on the room
			add("too many different ones by one", differentOnes(f.different+1))
		}
		if f.takes == textOrList {
			add("a text too long by one", quote(tooLong()))
			add("an empty text", `""`)
		}
		list = append(list, badValue{"an entry too long by one", "[" + quote(tooLong()) + "]", over, nil})
		add("an empty entry", `[""]`)
		add("an entry with NUL", `["a\u0000"]`)
		add("half a surrogate pair", `["\udfff"]`)
		add("too many by one", listOf(`"a"`, f.entries+1))
		if f.required && !emptyIsGood[f.name] {
			add("empty", `[]`)
		}
	case integersOf:
		add("a fraction in it", `[1.5]`)
		add("too many by one", listOf(`1`, f.entries+1))
	case objectsOf:
		entry := firstOf(good)
		add("an entry of the wrong type", "["+entry+`,"a"]`, "[1] is a string")
		add("too many by one", listOf(entry, f.entries+1), fmt.Sprint("more than ", f.entries))
		if f.required && !emptyIsGood[f.name] {
			add("empty", `[]`)
		}
	case anInteger:
		if f.limit != 0 {
			add("too large by one", number(f.limit+1))
			add("too small by one", number(f.least-1))
		}
	}
	return list
}

func badTypes(f field) []badValue {
	var list []badValue
	for _, w := range wrong {
		taken := false
		for _, k := range w.takenBy {
			taken = taken || k == f.takes
		}
		if taken || f.takes == anObject && w.value == `{}` {
			continue
		}
		code := liveapi.CodeInvalidParameter
		notOnList := f.takes == accountsOf && strings.HasPrefix(w.value, "[")
		if f.takes == anAccount || notOnList {
			code = liveapi.CodeWrongAccountType
		}
		list = append(list, badValue{name: "type " + w.value, value: w.value, code: code})
	}
	return list
}

func TestEveryFieldRefusesBadValuesByName(t *testing.T) {
	w := newWorld(t)
	for _, s := range samples {
		t.Run(s.command, func(t *testing.T) {
			eachField(fieldsOf(t, s.command), nil, func(path []string, f field) {
				for _, bad := range badValues(f, valueAt(t, s.body, path)) {
					check(t, w, s.command, bad.name, with(t, s.body, path, bad.value), path, bad.code, bad.words...)
				}
				if !f.required {
					return
				}
				check(t, w, s.command, "missing", with(t, s.body, path, ""), path, liveapi.CodeInvalidParameter)
				check(t, w, s.command, "other letters", inLower(t, s.body, path), path, liveapi.CodeInvalidParameter, "letter case")
				check(t, w, s.command, "null", with(t, s.body, path, "null"), path, liveapi.CodeInvalidParameter)
			})
		})
	}
}

func TestFieldInOtherLettersIsPointedAt(t *testing.T) {
	w := newWorld(t)
	got := w.call("modify_admin", `{"RoomId":"r1","Admin_Account":["a"],"opType":"add"}`)
	if got.ErrorCode != liveapi.CodeInvalidParameter {
		t.Errorf("got code %d, want 100002", got.ErrorCode)
	}
	for _, part := range []string{`OpType is missing`, `"opType"`, "letter case"} {
		if !strings.Contains(got.ErrorInfo, part) {
			t.Errorf("got %q, want %s in it", got.ErrorInfo, part)
		}
	}
}

// check makes a call that must be refused by naming the field, and with the further words in the text.
func check(t *testing.T, w *world, command, name, body string, path []string, code liveapi.Code, words ...string) {
	t.Helper()
	got := w.call(command, body)
	for _, word := range append(words, path[len(path)-1]) {
		if got.ErrorCode != code || !strings.Contains(got.ErrorInfo, word) {
			t.Errorf("%s, %s: got %d %q, want %d with %q", strings.Join(path, "."), name, got.ErrorCode, got.ErrorInfo, code, word)
		}
	}
}

// inLower returns a body in which the name at the end of the path is in small letters.
func inLower(t *testing.T, body string, path []string) string {
	t.Helper()
	last := len(path) - 1
	small := append(append([]string(nil), path[:last]...), strings.ToLower(path[last]))
	return with(t, with(t, body, path, ""), small, string(valueAt(t, body, path)))
}

// valueAt returns what is at the path of a body; a list on the way stands for its first entry.
func valueAt(t *testing.T, body string, path []string) json.RawMessage {
	t.Helper()
	value := json.RawMessage(body)
	for _, name := range path {
		if kindOf(value) == aList {
			value = json.RawMessage(firstOf(value))
		}
		var object map[string]json.RawMessage
		if err := json.Unmarshal(value, &object); err != nil {
			t.Fatal(err)
		}
		value = object[name]
	}
	return value
}

// firstOf returns the first entry of a list that has one.
func firstOf(list json.RawMessage) string {
	var entries []json.RawMessage
	if err := json.Unmarshal(list, &entries); err != nil || len(entries) == 0 {
		panic("the sample " + string(list) + " is no list with an entry")
	}
	return string(entries[0])
}

// eachField visits fields and those of their objects, alone and in lists.
func eachField(fields []field, path []string, visit func([]string, field)) {
	for _, f := range fields {
		here := append(append([]string(nil), path...), f.name)
		visit(here, f)
		eachField(f.fields, here, visit)
	}
}

// with returns a body with another value at the path; without a value, the field is left out. A list on the way stands
// for its first entry.
func with(t *testing.T, body string, path []string, value string) string {
	t.Helper()
	if kindOf([]byte(body)) == aList {
		var entries []json.RawMessage
		if err := json.Unmarshal([]byte(body), &entries); err != nil {
			t.Fatal(err)
		}
		entries[0] = json.RawMessage(with(t, string(entries[0]), path, value))
		return marshal(t, entries)
	}
	object := map[string]json.RawMessage{}
	if err := json.Unmarshal([]byte(body), &object); err != nil {
		t.Fatal(err)
	}
	switch {
	case len(path) > 1:
		object[path[0]] = json.RawMessage(with(t, string(object[path[0]]), path[1:], value))
	case value == "":
		delete(object, path[0])
	default:
		object[path[0]] = json.RawMessage(value)
	}
	return marshal(t, object)
}

func marshal(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func quote(text string) string { return `"` + text + `"` }

func listOf(value string, n int) string {
	return "[" + strings.TrimSuffix(strings.Repeat(value+",", n), ",") + "]"
}

// differentOnes is a list of so many texts of which no two are equal.
func differentOnes(n int) string {
	texts := make([]string, n)
	for i := range texts {
		texts[i] = quote("a" + strconv.Itoa(i))
	}
	return "[" + strings.Join(texts, ",") + "]"
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
