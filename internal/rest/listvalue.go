package rest

import (
	"encoding/json"

	"github.com/callboard/callboard/internal/live"
)

// accounts takes a list of user ids. most is how many different ones the rules allow: they count those that are named twice once.
func accounts(name string, most int, to *[]live.Account) field {
	f := accountList(name, maxAccounts, to)
	f.different = most
	return f
}

// accountList takes a list of user ids of so many entries.
func accountList(name string, entries int, to *[]live.Account) field {
	f := list(name, entries, accountsOf, to, func(path string, raw json.RawMessage) (live.Account, error) {
		s, err := readText(path, raw, anAccount, live.MaxAccount)
		return live.Account(s), err
	})
	f.limit = live.MaxAccount
	return f
}

// texts takes a list of strings of at most limit bytes each.
func texts(name string, entries int, limit int64, to *[]string) field {
	f := list(name, entries, textsOf, to, func(path string, raw json.RawMessage) (string, error) {
		return readText(path, raw, aText, limit)
	})
	f.limit = limit
	return f
}

// integers takes a list of integers.
func integers(name string, entries int, to *[]int64) field {
	return list(name, entries, integersOf, to, readInteger)
}

// objects takes a list of objects: fields says how one of them fills an entry. Spec: Metadata of set_room_metadata.
func objects[T any](name string, entries int, to *[]T, fields func(*T) []field) field {
	f := list(name, entries, objectsOf, to, func(path string, raw json.RawMessage) (T, error) {
		var entry T
		if kindOf(raw) != anObject {
			return entry, wrongType(path, raw, anObject)
		}
		err := readFields(path+".", raw, fields(&entry))
		return entry, err
	})
	f.fields = fields(new(T))
	return f
}

// list takes a list and stops reading it where it has too many entries.
func list[T any](name string, entries int, takes kind, to *[]T, entry func(string, json.RawMessage) (T, error)) field {
	return field{name: name, takes: takes, entries: entries, read: func(path string, raw json.RawMessage) error {
		if kindOf(raw) != aList {
			return wrongType(path, raw, takes)
		}
		values := []T{}
		err := eachEntry(raw, func(_, next []byte) error {
			if len(values) == entries {
				return live.Refuse(live.InvalidParameter, "%s has more than %d entries", path, entries)
			}
			value, err := entry(path, next)
			if err != nil { // only then the entry needs a path of its own
				_, err = entry(entryPath(path, len(values)), next)
			}
			values = append(values, value)
			return err
		})
		*to = values
		return err
	}}
}

// textsOrOne takes a list of strings, or one string that stands for a list of one.
func textsOrOne[T ~string](name string, entries int, limit int64, to *[]T) field {
	entry := func(path string, raw json.RawMessage) (T, error) {
		s, err := readText(path, raw, aText, limit)
		return T(s), err
	}
	f := list(name, entries, textOrList, to, entry)
	f.limit = limit
	many := f.read
	f.read = func(path string, raw json.RawMessage) error {
		if kindOf(raw) != aText {
			return many(path, raw)
		}
		one, err := entry(path, raw)
		*to = []T{one}
		return err
	}
	return f
}
