package rest

import (
	"github.com/callboard/callboard/internal/wire"
	"github.com/callboard/callboard/liveapi"
)

// Description tells what a call is, for the documentation.
type Description struct {
	Service, Command string
	// Fields are in the order in which they are read, those of objects behind their object.
	Fields []FieldDescription
}

// Path is where the call is made.
func (d *Description) Path() string { return "v4/" + d.Service + "/" + d.Command }

// FieldDescription tells what a field takes. Rules of package live may be narrower.
type FieldDescription struct {
	// Path is for instance RoomInfo.RoomId, or Metadata[].Key.
	Path     string
	Takes    string
	Required bool
	// Least and Limit bound an integer; Limit is the most bytes of a text. 0: not bounded.
	Least, Limit int64
	// Entries is the most entries of a list, Different the most that are different. 0: not bounded.
	Entries, Different int
}

// Describe tells what all calls are, in the order of the table.
func Describe() []Description {
	var list []Description
	for _, c := range calls() {
		list = append(list, Description{Service: c.service, Command: c.command, Fields: describeFields("", c.fields())})
	}
	return list
}

func describeFields(prefix string, fields []field) []FieldDescription {
	var list []FieldDescription
	for i := range fields {
		f := &fields[i]
		list = append(list, FieldDescription{
			Path: prefix + f.name, Takes: string(f.takes), Required: f.required, Least: f.least, Limit: f.limit,
			Entries: f.entries, Different: f.different,
		})
		inner := "."
		if f.takes == objectsOf {
			inner = "[]."
		}
		list = append(list, describeFields(prefix+f.name+inner, f.fields)...)
	}
	return list
}

// Frequency is how often an App may make a call in a second, handled or not, and the code of one more, while the App is held to
// what is documented.
func Frequency(command string) (perSecond int, above liveapi.Code) {
	f := frequencyOf(command)
	return f.perSecond, wire.Code(f.refusal)
}
