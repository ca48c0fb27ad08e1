package live_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/callboard/callboard/internal/live"
)

const r1 = live.RoomID("r1")

var (
	// noon is the time of every command: a rule that reads a clock cannot pass.
	noon   = time.Date(2026, 3, 26, 12, 0, 0, 0, time.UTC)
	byREST = live.Actor{Account: "caller", Platform: live.PlatformREST, Cause: "Id-1"}
)

// tb is what *testing.T and *rapid.T share.
type tb interface {
	Helper()
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
}

// roomOf is a room of owner with administrators. Its slices have spare capacity, so that an append in place shows.
func roomOf(administrators ...live.Account) *live.Room {
	return &live.Room{
		ID: r1, Name: "Evening show", Owner: "owner", Administrators: spare(administrators),
		SeatTemplate: "Karaoke", IsSeatEnabled: true, TakeSeatMode: live.ApplyToTake, MaxSeatCount: 8, MaxMemberCount: 300,
		IsPublicVisible: true, CoverURL: "https://example.com/c.png", Category: spare([]int64{1, 2}), ActivityStatus: 1,
		Notice: "Doors at eight", CustomInfo: "c", CreateTime: 1703589922,
	}
}

// given is a state with at most one room, and no parts.
type given struct{ room *live.Room }

func (given) App() *live.App                   { return &live.App{} }
func (given) Part(live.PartID) live.Part       { return nil }
func (given) Rooms() int64                     { return 0 }
func (g given) Room(id live.RoomID) *live.Room { return g.room }

func spare[T any](list []T) []T { return append(make([]T, 0, len(list)+8), list...) }

// run does what the engine does with a room command: Check, then Apply. It fails when either modified what it was given,
// when a refusal is no *live.Error, and when an outcome breaks the contract of live.Outcome.
func run(t tb, room *live.Room, c live.RoomCommand) (live.Outcome, error) {
	t.Helper()
	roomBefore, commandBefore := deepCopy(room), deepCopy(c)
	out, err := live.Outcome{}, c.Check()
	if err == nil {
		out, err = c.Apply(given{room}, byREST, noon)
	}
	if diff := cmp.Diff(whole(roomBefore), whole(room)); diff != "" {
		t.Fatalf("%s modified the room that it was given (-before +after):\n%s", c.Name(), diff)
	}
	if diff := cmp.Diff(commandBefore, c); diff != "" {
		t.Fatalf("%s modified itself (-before +after):\n%s", c.Name(), diff)
	}
	if err != nil {
		kindOf(t, err)
		if diff := cmp.Diff(live.Outcome{}, out); diff != "" {
			t.Fatalf("%s was refused and has an outcome:\n%s", c.Name(), diff)
		}
		return out, err
	}
	return out, nil
}

// must is run for a command that is not refused.
func must(t tb, room *live.Room, c live.RoomCommand) live.Outcome {
	t.Helper()
	out, err := run(t, room, c)
	if err != nil {
		t.Fatalf("%s was refused: %v", c.Name(), err)
	}
	return out
}

func kindOf(t tb, err error) live.Kind {
	t.Helper()
	var refusal *live.Error
	if !errors.As(err, &refusal) {
		t.Fatalf("error = %v (%T), want a *live.Error", err, err)
	}
	return refusal.Kind
}

// refused fails unless err is of the kind and its Info says what is named.
func refused(t *testing.T, err error, kind live.Kind, says ...string) {
	t.Helper()
	var refusal *live.Error
	if !errors.As(err, &refusal) {
		t.Fatalf("error = %v, want a refusal of kind %d", err, kind)
	}
	if refusal.Kind != kind {
		t.Errorf("kind = %d (%s), want %d", refusal.Kind, refusal.Info, kind)
	}
	for _, word := range says {
		if !strings.Contains(refusal.Info, word) {
			t.Errorf("Info = %q, want %q in it", refusal.Info, word)
		}
	}
}

// same compares with nil and empty slices alike.
func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// whole is a room with the spare capacity of its slices, where a forgotten copy writes first.
func whole(r *live.Room) *live.Room {
	if r == nil {
		return nil
	}
	c := *r
	c.Administrators = c.Administrators[:cap(c.Administrators)]
	c.Robots = c.Robots[:cap(c.Robots)]
	c.Category = c.Category[:cap(c.Category)]
	c.Seats = c.Seats[:cap(c.Seats)]
	return &c
}

// deepCopy shares nothing with v, capacity of slices included. It knows the kinds that commands and states are made of.
func deepCopy[T any](v T) T {
	var c T
	reflect.ValueOf(&c).Elem().Set(copyValue(reflect.ValueOf(&v).Elem()))
	return c
}

func copyValue(v reflect.Value) reflect.Value {
	c := reflect.New(v.Type()).Elem()
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			c.Set(reflect.New(v.Type().Elem()))
			c.Elem().Set(copyValue(v.Elem()))
		}
	case reflect.Interface:
		if !v.IsNil() {
			c.Set(copyValue(v.Elem()))
		}
	case reflect.Slice:
		if !v.IsNil() {
			c.Set(reflect.MakeSlice(v.Type(), v.Cap(), v.Cap()))
			for i := range v.Cap() {
				c.Index(i).Set(copyValue(v.Slice(0, v.Cap()).Index(i)))
			}
			c.SetLen(v.Len())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			c.Field(i).Set(copyValue(v.Field(i)))
		}
	default:
		c.Set(v)
	}
	return c
}
