package rest

import (
	"bytes"
	"encoding/json"
)

// The functions of this file take valid JSON apart without copying it: whoever calls them has held it against
// encoding/json, which has bounded the nesting too.

// eachEntry calls next at each entry of a valid JSON object or list until it fails, with the name, a JSON string that is
// empty in a list, and the value.
func eachEntry(raw []byte, next func(name, value []byte) error) error {
	object := raw[0] == '{'
	rest := skipBlank(raw[1:])
	for rest[0] != '}' && rest[0] != ']' {
		var name, value []byte
		if object {
			name, rest = cutValue(rest)
			rest = skipBlank(rest)[1:] // the colon
		}
		value, rest = cutValue(skipBlank(rest))
		if err := next(name, value); err != nil {
			return err
		}
		if rest = skipBlank(rest); rest[0] == ',' {
			rest = skipBlank(rest[1:])
		}
	}
	return nil
}

func skipBlank(raw []byte) []byte {
	i := 0
	for raw[i] == ' ' || raw[i] == '\n' || raw[i] == '\t' || raw[i] == '\r' {
		i++
	}
	return raw[i:]
}

// cutValue returns the value that raw begins with, and what follows it.
func cutValue(raw []byte) (value, rest []byte) {
	end := 0
	switch raw[0] {
	case '"':
		end = textEnd(raw)
	case '{', '[':
		end = nestedEnd(raw)
	default:
		if end = bytes.IndexAny(raw, ",]} \n\t\r"); end < 0 {
			end = len(raw)
		}
	}
	return raw[:end], raw[end:]
}

// textEnd is where the string that raw begins with ends.
func textEnd(raw []byte) int {
	for i := 1; ; i++ {
		switch raw[i] {
		case '\\':
			i++ // over what is escaped
		case '"':
			return i + 1
		}
	}
}

// nestedEnd is where the object or list that raw begins with ends.
func nestedEnd(raw []byte) int {
	depth := 0
	for i := 0; ; i++ {
		switch raw[i] {
		case '"':
			i += textEnd(raw[i:]) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
}

// unquote decodes a valid JSON string whose bytes are valid UTF-8.
func unquote(raw []byte) string {
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1])
	}
	var s string
	_ = json.Unmarshal(raw, &s) // valid as it is, nothing can fail
	return s
}
