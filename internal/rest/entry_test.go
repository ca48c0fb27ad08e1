package rest

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// FuzzEntries holds that a valid object or list is taken apart as encoding/json does it.
func FuzzEntries(f *testing.F) {
	for _, s := range []string{
		`{}`, `[]`, ` [ ] `, `{"a":1,"a":null}`, ` { "a" : [ 1 , {"b":"]}\"\\"} ] , "\u0063\n" : -1.5e3 } `,
		`["\\",true,false,null,"",{},[[]]]`, `[1 ,2]`, `{"":"{"}`, `{"\ud800":"\ud83d\ude00"}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.Trim(text, " \t\r\n")
		if !utf8.ValidString(text) || !json.Valid([]byte(text)) || text[0] != '{' && text[0] != '[' {
			return
		}
		var got []string
		if err := eachEntry([]byte(text), func(name, value []byte) error {
			if text[0] == '{' {
				got = append(got, unquote(name))
			}
			got = append(got, string(value))
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(entriesOf(t, text), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	})
}

// entriesOf returns the names, decoded, and the values of an object, or the values of a list.
func entriesOf(t *testing.T, text string) (list []string) {
	dec := json.NewDecoder(bytes.NewReader([]byte(text)))
	token, err := dec.Token()
	for err == nil && dec.More() {
		if token == json.Delim('{') {
			var name json.Token
			if name, err = dec.Token(); err == nil {
				list = append(list, name.(string))
			}
		}
		var value json.RawMessage
		if err == nil {
			err = dec.Decode(&value)
		}
		list = append(list, string(value))
	}
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return list
}
