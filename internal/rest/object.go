package rest

import (
	"encoding/json"
	"strings"

	"github.com/callboard/callboard/internal/live"
)

// field is one documented field of a request: what it takes and where its value goes. The same description decodes
// requests and drives the tests, so that a field added later is tried with bad values like the others.
type field struct {
	name     string
	takes    kind
	required bool
	// limit is the most bytes of a text, or of each text of a list; the largest integer. 0: unlimited.
	limit int64
	// over is what a text that is too long is refused with; 0: InvalidParameter.
	over live.Kind
	// least is the smallest integer, where limit is not 0.
	least int64
	// entries is the most entries of a list.
	entries int
	// different is the most different entries of a list in which equal ones count once, which the rules check. 0: unlimited.
	different int
	// fields are those of an object, or of each object of a list.
	fields []field
	// read stores the value, which is valid JSON and not null. path names the field in errors.
	read func(path string, raw json.RawMessage) error
}

// must returns the field as one that a request cannot leave out.
func (f field) must() field {
	f.required = true
	return f
}

// object is a field that has fields. Spec: RoomInfo of create_room and update_room_info.
func object(name string, fields ...field) field {
	return field{name: name, takes: anObject, fields: fields, read: func(path string, raw json.RawMessage) error {
		if raw[0] != '{' {
			return wrongType(path, raw, anObject)
		}
		return readFields(path+".", raw, fields)
	}}
}

// readFields reads a valid JSON object. Names are matched byte for byte; of equal names the last counts; null counts as
// absent; what is not among the fields is passed over.
func readFields(prefix string, raw json.RawMessage, fields []field) error {
	found, similar := pick(raw, fields)
	for i := range fields {
		f := &fields[i]
		if value := found[i]; value != nil && kindOf(value) != null {
			if err := f.read(prefix+f.name, value); err != nil {
				return err
			}
			continue
		}
		if other := similar[f.name]; f.required && other != "" {
			return live.Refuse(live.InvalidParameter, "%s is missing; there is %q, but letter case counts: write %q", prefix+f.name, other, f.name)
		}
		if f.required {
			return live.Refuse(live.InvalidParameter, "%s is missing; it takes %s", prefix+f.name, f.takes)
		}
	}
	return nil
}

// pick returns the values of the fields, nil for one that is absent, and by field the name that differs from it in letter
// case only. A map of everything would hold what nobody asked for: a body has room for a hundred thousand names.
func pick(raw []byte, fields []field) (found []json.RawMessage, similar map[string]string) {
	found = make([]json.RawMessage, len(fields))
	_ = eachEntry(raw, func(quoted, value []byte) error {
		name := unquote(quoted)
		for i := range fields {
			switch {
			case fields[i].name == name:
				found[i] = value
			case strings.EqualFold(fields[i].name, name):
				if similar == nil {
					similar = map[string]string{}
				}
				similar[fields[i].name] = name
			}
		}
		return nil
	})
	return found, similar
}
