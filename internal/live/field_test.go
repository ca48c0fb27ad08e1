package live

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The tests here fail when a field is added to a struct and forgotten where all fields are written out.

func TestEveryRoomFieldCountsAsChange(t *testing.T) {
	for path := range leaves(reflect.TypeFor[Room]()) {
		var a, b Room
		if !a.equal(&b) {
			t.Fatal("two zero rooms are not equal")
		}
		alter(reflect.ValueOf(&b).Elem().FieldByIndex(path.index))
		if a.equal(&b) {
			t.Errorf("rooms that differ in %s count as equal; add the field to Room.scalars or Room.equal", path.name)
		}
	}
}

func TestEveryAttributeReachesTheRoomFieldOfItsName(t *testing.T) {
	for path := range leaves(reflect.TypeFor[Attributes]()) {
		var given Attributes
		alter(reflect.ValueOf(&given).Elem().FieldByIndex(path.index))
		before := &Room{ID: "r1", Name: "r1"}
		out, err := UpdateRoom{Room: "r1", Attributes: given}.Apply(alone{before}, Actor{}, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		want := *before
		field := reflect.ValueOf(&want).Elem().FieldByName(path.name)
		if !field.IsValid() {
			t.Errorf("a Room has no field %s", path.name)
			continue
		}
		field.Set(reflect.ValueOf(&given).Elem().FieldByIndex(path.index).Elem())
		if diff := cmp.Diff(&want, out.Room); diff != "" {
			t.Errorf("%s alone (-want +got):\n%s", path.name, diff)
		}
	}
}

func TestEverySettingIsAudited(t *testing.T) {
	// These are the server's own notes about an App, not settings.
	notes := []string{"ID", "Fingerprint"}
	settings := func() *App { return &App{Callback: &Callback{}, Token: &Token{}} }
	for path := range leaves(reflect.TypeFor[App]()) {
		before, after := settings(), settings()
		alter(reflect.ValueOf(after).Elem().FieldByIndex(path.index))
		got, audited := ChangedSettings(before, after), !slices.Contains(notes, path.name)
		if (len(got) > 0) != audited {
			t.Errorf("ChangedSettings after a change of %s = %q, want it audited: %t", path.name, got, audited)
		}
	}
}

// leaf is a field, by the way to it through structs.
type leaf struct {
	name  string
	index []int
}

// leaves lists the fields of a struct and of the structs in it, through pointers too.
func leaves(s reflect.Type) func(yield func(leaf) bool) {
	return func(yield func(leaf) bool) {
		for _, f := range reflect.VisibleFields(s) {
			inner := f.Type
			if inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			if inner.Kind() != reflect.Struct {
				if !yield(leaf{f.Name, f.Index}) {
					return
				}
				continue
			}
			for l := range leaves(inner) {
				if !yield(leaf{f.Name + "." + l.name, append(slices.Clone(f.Index), l.index...)}) {
					return
				}
			}
		}
	}
}

// alter gives a zero field another value.
func alter(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		alter(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		alter(v.Index(0))
	case reflect.Struct:
		alter(v.Field(0))
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Uint32:
		v.SetUint(7)
	default:
		panic(fmt.Sprintf("a field of kind %s: say here how to alter it", v.Kind()))
	}
}

// alone is a state with one room and nothing else.
type alone struct{ room *Room }

func (alone) App() *App           { return &App{} }
func (alone) Part(PartID) Part    { return nil }
func (alone) Rooms() int64        { return 0 }
func (a alone) Room(RoomID) *Room { return a.room }
