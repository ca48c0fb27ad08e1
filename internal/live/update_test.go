package live_test

import (
	"strings"
	"testing"

	"github.com/callboard/callboard/internal/live"
)

func TestUpdateChangesOnlyWhatIsGiven(t *testing.T) {
	cases := []struct {
		name       string
		attributes live.Attributes
		change     func(*live.Room)
	}{
		{"one text", live.Attributes{Notice: new("Doors at nine")}, func(r *live.Room) { r.Notice = "Doors at nine" }},
		{"a text is emptied", live.Attributes{Notice: new("")}, func(r *live.Room) { r.Notice = "" }},
		{"a room that loses its name is named by its RoomId", live.Attributes{Name: new("")}, func(r *live.Room) { r.Name = string(r1) }},
		{"a number becomes zero", live.Attributes{ActivityStatus: new(int64(0))}, func(r *live.Room) { r.ActivityStatus = 0 }},
		{"a switch goes off", live.Attributes{IsPublicVisible: new(false)}, func(r *live.Room) { r.IsPublicVisible = false }},
		{"tags are replaced", live.Attributes{Category: &[]int64{7}}, func(r *live.Room) { r.Category = []int64{7} }},
		{"tags in another order", live.Attributes{Category: &[]int64{2, 1}}, func(r *live.Room) { r.Category = []int64{2, 1} }},
		{"tags are emptied", live.Attributes{Category: &[]int64{}}, func(r *live.Room) { r.Category = nil }},
		{"one changes and one stays", live.Attributes{Notice: new("Doors at eight"), MaxMemberCount: new(int64(7))},
			func(r *live.Room) { r.MaxMemberCount = 7 }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			want := roomOf("a")
			c.change(want)
			got := must(t, roomOf("a"), live.UpdateRoom{Room: r1, Attributes: c.attributes})
			same(t, "room", got.Room, want)
			same(t, "events", got.Events, []live.Event{{
				Room: r1, Roles: &live.Roles{Owner: "owner", Administrators: accounts{"a"}}, Change: live.RoomUpdated{Room: *want},
			}})
		})
	}
}

func TestUpdateThatChangesNothingReportsNothing(t *testing.T) {
	untagged := roomOf()
	untagged.Category = nil
	cases := []struct {
		name       string
		room       *live.Room
		attributes live.Attributes
	}{
		{"nothing given", roomOf("a"), live.Attributes{}},
		{"what is there", roomOf("a"), live.Attributes{Name: new("Evening show"), Category: &[]int64{1, 2}, IsPublicVisible: new(true)}},
		{"no tags where there are none", untagged, live.Attributes{Category: &[]int64{}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := must(t, c.room, live.UpdateRoom{Room: r1, Attributes: c.attributes})
			if got.Room != c.room {
				t.Errorf("room = %+v, want the very room that was passed in", got.Room)
			}
		})
	}
}

// A caller that goes on using its slice must not change a committed room.
func TestCategoryIsCopied(t *testing.T) {
	tags := []int64{7, 8}
	updated := must(t, roomOf(), live.UpdateRoom{Room: r1, Attributes: live.Attributes{Category: &tags}}).Room
	created := must(t, nil, create("host", live.Attributes{Category: &tags})).Room
	tags[0] = 9
	same(t, "updated room", updated.Category, []int64{7, 8})
	same(t, "created room", created.Category, []int64{7, 8})
}

func TestUpdateRefusals(t *testing.T) {
	_, err := run(t, nil, live.UpdateRoom{Room: r1})
	refused(t, err, live.RoomNotFound, `"r1"`)
	_, err = run(t, roomOf(), live.UpdateRoom{})
	refused(t, err, live.InvalidParameter, "RoomId", "empty")
	_, err = run(t, roomOf(), live.UpdateRoom{Room: r1, Attributes: live.Attributes{Notice: new(strings.Repeat("x", 101))}})
	refused(t, err, live.InvalidParameter, "Notice", "101 bytes", "at most 100")
}
