package live_test

import (
	"strings"
	"testing"
	"time"

	"github.com/callboard/callboard/internal/live"
)

func create(owner live.Account, a live.Attributes) live.CreateRoom {
	return live.CreateRoom{Room: r1, Type: live.RoomType, Owner: owner, Attributes: a}
}

func TestNewRoomHasTheDocumentedDefaults(t *testing.T) {
	got := must(t, nil, create("", live.Attributes{}))
	want := live.Room{
		ID: r1, Name: "r1", Owner: "caller", TakeSeatMode: live.NoSeats, IsPublicVisible: true,
		MaxMemberCount: live.DefaultMaxMemberCount, CreateTime: noon.Unix(),
	}
	same(t, "room", got.Room, &want)
	same(t, "events", got.Events, []live.Event{{
		Room: r1, Roles: &live.Roles{Owner: "caller"}, Change: live.RoomCreated{Room: want},
	}})
}

func TestNewRoomBelongsToTheNamedOwner(t *testing.T) {
	got := must(t, nil, create("host", live.Attributes{}))
	same(t, "owner", got.Room.Owner, live.Account("host"))
	same(t, "roles", got.Events[0].Roles, &live.Roles{Owner: "host"})
}

func TestCreateTimeIsTheTimeOfTheCommand(t *testing.T) {
	at := time.Date(2001, 2, 3, 4, 5, 6, 999_999_999, time.UTC)
	out, err := create("host", live.Attributes{}).Apply(given{}, byREST, at)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "CreateTime", out.Room.CreateTime, at.Unix())
}

// Spec: create_room, 100010 and 100003.
func TestRoomThatExistsIsNotCreatedAgain(t *testing.T) {
	cases := []struct {
		name    string
		command live.CreateRoom
		kind    live.Kind
		says    string
	}{
		{"by the same owner", create("owner", live.Attributes{}), live.RoomExists, "same owner"},
		{"by the same owner with other attributes", create("owner", live.Attributes{Name: new("other")}), live.RoomExists, "same owner"},
		{"by another owner", create("somebody", live.Attributes{}), live.RoomTaken, "another owner"},
		{"for the one who asks", create("", live.Attributes{}), live.RoomTaken, "another owner"},
		{"by an administrator of it", create("a", live.Attributes{}), live.RoomTaken, "another owner"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := run(t, roomOf("a"), c.command)
			refused(t, err, c.kind, `"r1"`, c.says)
		})
	}
	t.Run("for the one who asks and owns it", func(t *testing.T) {
		room := roomOf()
		room.Owner = byREST.Account
		_, err := run(t, room, create("", live.Attributes{}))
		refused(t, err, live.RoomExists, "same owner")
	})
}

func TestRoomCreatedAgainStartsWithoutAdministrators(t *testing.T) {
	gone := must(t, roomOf("a", "b"), live.DestroyRoom{Room: r1})
	if gone.Room != nil {
		t.Fatalf("room = %+v, want none after destroy_room", gone.Room)
	}
	again := must(t, gone.Room, create("owner", live.Attributes{}))
	same(t, "administrators", again.Room.Administrators, accounts{})
	same(t, "roles", again.Events[0].Roles, &live.Roles{Owner: "owner"})
}

// Spec: REST 2.0. The newest page knows SeatTemplate only; older callers say IsSeatEnabled and MaxSeatCount.
func TestSeatsFollowTemplateOrOlderFields(t *testing.T) {
	type seats struct {
		Enabled bool
		Mode    string
		Count   int64
	}
	cases := []struct {
		name       string
		attributes live.Attributes
		want       seats
	}{
		{"nothing said", live.Attributes{}, seats{false, live.NoSeats, 0}},
		{"grid of nine", live.Attributes{SeatTemplate: new("VideoDynamicGrid9Seats")}, seats{true, live.FreeToTake, 9}},
		{"float of seven", live.Attributes{SeatTemplate: new("VideoDynamicFloat7Seats")}, seats{true, live.FreeToTake, 7}},
		{"fixed grid of nine", live.Attributes{SeatTemplate: new("VideoFixedGrid9Seats")}, seats{true, live.FreeToTake, 9}},
		{"fixed float of seven", live.Attributes{SeatTemplate: new("VideoFixedFloat7Seats")}, seats{true, live.FreeToTake, 7}},
		{"landscape, spelled as the client does", live.Attributes{SeatTemplate: new("VideoLandscape4Seat")}, seats{true, live.FreeToTake, 4}},
		{"landscape, spelled as its siblings", live.Attributes{SeatTemplate: new("VideoLandscape4Seats")}, seats{true, live.FreeToTake, 4}},
		{"salon without a count", live.Attributes{SeatTemplate: new("AudioSalon")}, seats{true, live.FreeToTake, 10}},
		{"salon with a count", live.Attributes{SeatTemplate: new("AudioSalon"), MaxSeatCount: new(int64(16))}, seats{true, live.FreeToTake, 16}},
		{"karaoke with a count", live.Attributes{SeatTemplate: new("Karaoke"), MaxSeatCount: new(int64(3))}, seats{true, live.FreeToTake, 3}},
		{"a template with fixed seats ignores a count",
			live.Attributes{SeatTemplate: new("VideoFixedGrid9Seats"), MaxSeatCount: new(int64(3))}, seats{true, live.FreeToTake, 9}},
		{"a mode with a template",
			live.Attributes{SeatTemplate: new("Karaoke"), TakeSeatMode: new(live.ApplyToTake)}, seats{true, live.ApplyToTake, 10}},
		{"the number of a layout", live.Attributes{SeatLayoutTemplateID: new(int64(600))}, seats{true, live.FreeToTake, 9}},
		{"the number of a layout with as many seats as are wanted",
			live.Attributes{SeatLayoutTemplateID: new(int64(70)), MaxSeatCount: new(int64(12))}, seats{true, live.FreeToTake, 12}},
		{"a number that is no layout's", live.Attributes{SeatLayoutTemplateID: new(int64(601_000))}, seats{true, live.FreeToTake, 10}},
		{"the number 0, which is none", live.Attributes{SeatLayoutTemplateID: new(int64(0))}, seats{false, live.NoSeats, 0}},
		{"older: enabled", live.Attributes{IsSeatEnabled: new(true)}, seats{true, live.FreeToTake, 10}},
		{"older: enabled with mode and count",
			live.Attributes{IsSeatEnabled: new(true), TakeSeatMode: new(live.ApplyToTake), MaxSeatCount: new(int64(16))}, seats{true, live.ApplyToTake, 16}},
		{"older: disabled", live.Attributes{IsSeatEnabled: new(false)}, seats{false, live.NoSeats, 0}},
		{"older: a count alone enables nothing", live.Attributes{MaxSeatCount: new(int64(4))}, seats{false, live.NoSeats, 4}},
		{"disabled beats a layout", live.Attributes{IsSeatEnabled: new(false), SeatLayoutTemplateID: new(int64(50))}, seats{false, live.NoSeats, 0}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := must(t, nil, create("host", c.attributes)).Room
			same(t, "seats", seats{r.IsSeatEnabled, r.TakeSeatMode, r.MaxSeatCount}, c.want)
		})
	}
}

// Spec: REST 2.0, SeatLayoutTemplateId: readers know a template by its name or by its number, whichever the caller gave.
func TestTemplateHasItsNameAndItsNumber(t *testing.T) {
	type template struct {
		Name   string
		Number int64
	}
	cases := []struct {
		name       string
		attributes live.Attributes
		want       template
	}{
		{"none", live.Attributes{}, template{}},
		{"name", live.Attributes{SeatTemplate: new("VideoDynamicGrid9Seats")}, template{"VideoDynamicGrid9Seats", 600}},
		{"name, spelled as its siblings", live.Attributes{SeatTemplate: new("VideoLandscape4Seats")}, template{"VideoLandscape4Seats", 200}},
		{"name of a voice room", live.Attributes{SeatTemplate: new("Karaoke")}, template{"Karaoke", 50}},
		{"number", live.Attributes{SeatLayoutTemplateID: new(int64(801))}, template{"VideoFixedFloat7Seats", 801}},
		{"number of two spellings", live.Attributes{SeatLayoutTemplateID: new(int64(200))}, template{"VideoLandscape4Seat", 200}},
		{"number of no template", live.Attributes{SeatLayoutTemplateID: new(int64(5))}, template{"", 5}},
		{"both, as they are given",
			live.Attributes{SeatTemplate: new("AudioSalon"), SeatLayoutTemplateID: new(int64(50))}, template{"AudioSalon", 50}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := must(t, nil, create("host", c.attributes)).Room
			same(t, "template", template{r.SeatTemplate, r.SeatLayoutTemplateID}, c.want)
		})
	}
}

func TestCreateRoomRefusals(t *testing.T) {
	cases := []struct {
		name    string
		command live.CreateRoom
		says    []string
	}{
		{"no RoomId", live.CreateRoom{Type: live.RoomType}, []string{"RoomId", "empty", "48"}},
		{"no RoomType", live.CreateRoom{Room: r1}, []string{"RoomType", `"Live"`}},
		{"the RoomType of conferences", live.CreateRoom{Room: r1, Type: "Meeting"}, []string{"RoomType", `"Live"`}},
		{"an owner of 33 bytes", create(live.Account(strings.Repeat("x", 33)), live.Attributes{}),
			[]string{"Owner_Account", "33 bytes", "at most 32"}},
		{"an attribute over its limit", create("", live.Attributes{Name: new(strings.Repeat("x", 101))}),
			[]string{"RoomName", "101 bytes", "at most 100"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := run(t, nil, c.command)
			refused(t, err, live.InvalidParameter, c.says...)
		})
	}
}
