package rest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPortraitIsAnsweredUnderResponseAndAtTheTopLevel(t *testing.T) {
	w := newWorld(t)
	w.ok("account_import", `{"UserID":"host","Nick":"The <Host>","FaceUrl":"https://f"}`)
	w.ok("portrait_set", `{"From_Account":"host","ProfileItem":[{"Tag":"Tag_Profile_IM_Level","Value":7},{"Tag":"Tag_Profile_IM_Nick","Value":"Host"}]}`)
	got := w.call("portrait_get", `{"To_Account":["host","nobody"],"TagList":["Tag_Profile_IM_Nick","Tag_Profile_IM_Level"]}`)
	const want = `[{"To_Account":"host","ProfileItem":[{"Tag":"Tag_Profile_IM_Level","Value":7},{"Tag":"Tag_Profile_IM_Nick","Value":"Host"}]},` +
		`{"To_Account":"nobody","ProfileItem":[]}]`
	if diff := cmp.Diff(want, string(got.UserProfileItem)); diff != "" {
		t.Errorf("at the top level (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(`{"UserProfileItem":`+want+`}`, string(got.Response)); diff != "" {
		t.Errorf("under Response (-want +got):\n%s", diff)
	}
	all := w.ok("portrait_get", `{"To_Account":["host"]}`)
	if !strings.Contains(all, `{"Tag":"Tag_Profile_IM_Image","Value":"https://f"}`) {
		t.Errorf("without a TagList: got %s, want the picture in it", all)
	}
}

func TestListOfRoomsNamesTheOwnersOfWhomProfilesAreKnown(t *testing.T) {
	w := newWorld(t)
	w.ok("create_room", `{"RoomInfo":{"RoomId":"r1","RoomType":"Live","Owner_Account":"host"}}`)
	w.ok("create_room", `{"RoomInfo":{"RoomId":"r2","RoomType":"Live","Owner_Account":"stranger"}}`)
	w.ok("create_room", `{"RoomInfo":{"RoomId":"r3","RoomType":"Live","Owner_Account":"host"}}`)
	w.ok("account_import", `{"UserID":"host","Nick":"Host","FaceUrl":"https://f"}`)
	got := w.ok("get_room_list", `{"Next":"","Count":20}`)
	if n := strings.Count(got, `"OwnerName":"Host","OwnerAvatarUrl":"https://f"`); n != 2 {
		t.Errorf("got %s, want two rooms of the host", got)
	}
	if n := strings.Count(got, `"OwnerName":"","OwnerAvatarUrl":""`); n != 1 {
		t.Errorf("got %s, want one room of the stranger", got)
	}
}
