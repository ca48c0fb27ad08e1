package rest

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/callboard/callboard/internal/live"
)

// kind is what a field takes, or what a value is, in words for ErrorInfo.
type kind string

const (
	aText      kind = "a string"
	anAccount  kind = "an account (a string)"
	anInteger  kind = "an integer"
	aFlag      kind = "true or false"
	anObject   kind = "an object"
	accountsOf kind = "a list of accounts (strings)"
	textsOf    kind = "a list of strings"
	integersOf kind = "a list of integers"
	objectsOf  kind = "a list of objects"
	textOrList kind = "a list of strings, or one string"

	aTextOrInteger kind = "a string or an integer"

	aNumber kind = "a number" // of values only
	aList   kind = "a list"
	null    kind = "null"
)

// maxWord limits fields that take one of a few words.
const maxWord = 64

// maxAccounts limits lists of accounts before they are decoded, to some 200 KB. It is far above every documented limit,
// because accounts named twice count once: the rules tell those from too many.
const maxAccounts = 10_000

// kindOf tells the kind of a value that is valid JSON.
func kindOf(raw []byte) kind {
	switch raw[0] {
	case '"':
		return aText
	case '{':
		return anObject
	case '[':
		return aList
	case 't', 'f':
		return aFlag
	case 'n':
		return null
	}
	return aNumber
}

// wrongType refuses a value of another type than the documented one: 60015 for an account, else 100002.
func wrongType(path string, raw []byte, want kind) error {
	refusal := live.InvalidParameter
	if want == anAccount {
		refusal = live.WrongType
	}
	is := kindOf(raw)
	if is == aFlag {
		is = "a bool"
	}
	return live.Refuse(refusal, "%s is %s; it takes %s", path, is, want)
}

// text takes a string of at most limit bytes.
func text[T ~string](name string, limit int64, to *T) field {
	return field{name: name, takes: aText, limit: limit, read: func(path string, raw json.RawMessage) error {
		s, err := readText(path, raw, aText, limit)
		*to = T(s)
		return err
	}}
}

// account takes the user id of somebody.
func account(name string, to *live.Account) field {
	return field{name: name, takes: anAccount, limit: live.MaxAccount, read: func(path string, raw json.RawMessage) error {
		s, err := readText(path, raw, anAccount, live.MaxAccount)
		*to = live.Account(s)
		return err
	}}
}

// integer takes a whole number from least to limit; both 0: any.
func integer(name string, least, limit int64, to *int64) field {
	return field{name: name, takes: anInteger, least: least, limit: limit, read: func(path string, raw json.RawMessage) error {
		n, err := readInteger(path, raw)
		if err == nil && limit != 0 && (n < least || n > limit) {
			err = live.Refuse(live.InvalidParameter, "%s is %d; %d to %d are allowed", path, n, least, limit)
		}
		*to = n
		return err
	}}
}

// flag takes true or false.
func flag(name string, to *bool) field {
	return field{name: name, takes: aFlag, read: func(path string, raw json.RawMessage) error {
		if kindOf(raw) != aFlag {
			return wrongType(path, raw, aFlag)
		}
		*to = raw[0] == 't'
		return nil
	}}
}

// optional turns a field for a value into one for a pointer, which stays nil when the field is absent.
func optional[T any](to **T, of func(*T) field) field {
	value := new(T)
	f := of(value)
	read := f.read
	f.read = func(path string, raw json.RawMessage) error {
		*to = value
		return read(path, raw)
	}
	return f
}

// readText decodes a JSON string of at most limit bytes.
func readText(path string, raw json.RawMessage, want kind, limit int64) (string, error) {
	if kindOf(raw) != aText {
		return "", wrongType(path, raw, want)
	}
	s := unquote(raw)
	if int64(len(s)) > limit {
		return "", live.Refuse(live.InvalidParameter, "%s has %d bytes; at most %d are allowed", path, len(s), limit)
	}
	if strings.ContainsRune(s, utf8.RuneError) && halfPair(raw) {
		return "", live.Refuse(live.InvalidParameter, `%s has half a surrogate pair (\ud800 to \udfff), which is no character`, path)
	}
	return s, nil
}

// halfPair tells whether an escape of a JSON string names one half of a character above U+FFFF without the other.
// encoding/json replaces all such by the same character, which would make different accounts one.
func halfPair(raw []byte) bool {
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		unit, ok := escape(raw[i:])
		if !ok || unit < 0xd800 || unit > 0xdfff {
			i++ // over what is escaped, as it can be a backslash
			continue
		}
		low, ok := escape(raw[i+6:])
		if unit > 0xdbff || !ok || low < 0xdc00 || low > 0xdfff {
			return true
		}
		i += 11 // over both halves
	}
	return false
}

// escape reads \u and its four hex digits at the start of raw.
func escape(raw []byte) (uint64, bool) {
	if len(raw) < 6 || raw[0] != '\\' || raw[1] != 'u' {
		return 0, false
	}
	unit, err := strconv.ParseUint(string(raw[2:6]), 16, 16)
	return unit, err == nil
}

// readInteger takes digits and a sign; a fraction or an exponent is refused, even one that comes out whole.
func readInteger(path string, raw json.RawMessage) (int64, error) {
	if kindOf(raw) != aNumber {
		return 0, wrongType(path, raw, anInteger)
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		return 0, live.Refuse(live.InvalidParameter, "%s is no integer of 64 bits; write it without fraction and exponent", path)
	}
	return n, nil
}

func entryPath(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }

// integerOrText takes a whole number from least to limit, as a number or in quotes.
func integerOrText(name string, least, limit int64, to *int64) field {
	f := integer(name, least, limit, to)
	number := f.read
	f.read = func(path string, raw json.RawMessage) error {
		if kindOf(raw) != aText {
			return number(path, raw)
		}
		n, err := strconv.ParseInt(unquote(raw), 10, 64)
		if err != nil {
			return wrongType(path, raw, anInteger)
		}
		return number(path, strconv.AppendInt(nil, n, 10))
	}
	return f
}
