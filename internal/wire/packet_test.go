package wire

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/live"
)

func TestBodyVariants(t *testing.T) {
	modify := func(operator, rest string) string {
		return `{"CallbackCommand":"Live.CallbackAfterModifyAdmin","RoomId":"r","EventTime":1703589922780,"Operator_Account":` + operator + rest
	}
	cases := []struct {
		name     string
		change   live.Change
		operator live.Account
		want     string
	}{
		{"delete", live.AdministratorsModified{Accounts: []live.Account{"user1"}, Op: live.DeleteAdministrators}, live.SystemAccount,
			modify(`"@TIM#SYSTEM"`, `,"Admin_Account":["user1"],"opType":"delete"}`)},
		{"HTML is not escaped", live.AdministratorsModified{Accounts: []live.Account{"<b>&'"}, Op: live.AddAdministrators}, "a&b",
			modify(`"a&b"`, `,"Admin_Account":["<b>&'"],"opType":"add"}`)},
		{"UTF-8 is not escaped", live.AdministratorsModified{Accounts: []live.Account{"観客", "naïve", "🎭"}, Op: live.AddAdministrators}, "é",
			modify(`"é"`, `,"Admin_Account":["観客","naïve","🎭"],"opType":"add"}`)},
		{"JSON's own characters are", live.AdministratorsModified{Accounts: []live.Account{`"\`, "a\nb\x01"}, Op: live.AddAdministrators}, "a",
			modify(`"a"`, `,"Admin_Account":["\"\\","a\nb\u0001"],"opType":"add"}`)},
		{"a room without tags has an empty list", live.RoomUpdated{Room: live.Room{ID: "r", Name: "<&>"}}, "a",
			`{"CallbackCommand":"Live.CallbackAfterUpdateRoomInfo","Operator_Account":"a",` +
				`"RoomInfo":{"RoomId":"r","RoomName":"<&>","MaxMemberCount":0,"IsMessageDisabled":false,"CoverURL":"",` +
				`"Category":[],"ActivityStatus":0,"IsPublicVisible":false,"TakeSeatMode":"","CustomInfo":""},"EventTime":1703589922780}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			checkBody(t, live.Event{Room: "r", Change: c.change}, c.operator, c.want)
		})
	}
}

func TestCreatedAndDestroyedRoomsWithoutTagsHaveAnEmptyList(t *testing.T) {
	for _, c := range []live.Change{live.RoomCreated{Room: live.Room{ID: "r"}}, live.RoomDestroyed{Room: live.Room{ID: "r"}}} {
		got, err := Body(&live.Event{Room: "r", Change: c}, "a", eventTime)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(got, []byte(`"Category":[]`)) {
			t.Errorf("body = %s, want an empty Category in it", got)
		}
	}
}

// Every text and number of the room stands under its own key: two that were mixed up would show.
func TestRoomValuesStandUnderTheirKeys(t *testing.T) {
	room := live.Room{
		ID: "r", Name: "name", Owner: "owner", TakeSeatMode: "mode", MaxSeatCount: 1, MaxMemberCount: 2, CoverURL: "cover",
		BackgroundURL: "background", Category: []int64{3}, ActivityStatus: 4, CustomInfo: "custom", CreateTime: 5, Notice: "notice",
	}
	want := map[string]any{
		"RoomId": "r", "RoomName": "name", "RoomType": "Live", "Owner_Account": "owner", "TakeSeatMode": "mode", "MaxSeatCount": 1.0,
		"MaxMemberCount": 2.0, "CoverURL": "cover", "BackgroundURL": "background", "Category": []any{3.0}, "ActivityStatus": 4.0,
		"CustomInfo": "custom", "CreateTime": 5.0, "ViewCount": 6.0,
	}
	switches := map[string]*bool{
		"IsMessageDisabled": &room.IsMessageDisabled, "IsSeatEnabled": &room.IsSeatEnabled,
		"IsPublicVisible": &room.IsPublicVisible, "IsUnlimitedRoomEnabled": &room.IsUnlimitedRoom,
	}
	for on, field := range switches {
		for key := range switches {
			want[key] = key == on
		}
		*field = true
		for _, c := range []live.Change{
			live.RoomCreated{Room: room}, live.RoomUpdated{Room: room},
			live.RoomDestroyed{Room: room, Statistic: live.Statistic{TotalViewers: 6}},
		} {
			for key, got := range roomInfo(t, c) {
				if diff := cmp.Diff(want[key], got); diff != "" {
					t.Errorf("%T, %s on: %s (-want +got):\n%s", c, on, key, diff)
				}
			}
		}
		*field = false
	}
}

func roomInfo(t *testing.T, c live.Change) map[string]any {
	t.Helper()
	body, err := Body(&live.Event{Room: "r", Change: c}, "a", eventTime)
	if err != nil {
		t.Fatal(err)
	}
	var packet struct{ RoomInfo map[string]any }
	if err := json.Unmarshal(body, &packet); err != nil {
		t.Fatal(err)
	}
	if len(packet.RoomInfo) == 0 {
		t.Fatalf("body = %s, want a RoomInfo", body)
	}
	return packet.RoomInfo
}

func TestStatisticStandsUnderItsKeys(t *testing.T) {
	got, err := Body(&live.Event{Room: "r", Change: live.RoomDestroyed{Cause: live.DestroyBySystem, Statistic: live.Statistic{
		TotalViewers: 1, TotalGiftsSent: 2, TotalGiftCoins: 3, TotalUniqueGiftSenders: 4, TotalLikesReceived: 5,
	}}}, live.SystemAccount, eventTime)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"EventType":"DestroyBySystem"`,
		`"Statistic":{"TotalViewers":1,"TotalGiftsSent":2,"TotalGiftCoins":3,"TotalUniqueGiftSenders":4,"TotalLikesReceived":5}`,
	} {
		if !bytes.Contains(got, []byte(want)) {
			t.Errorf("body = %s, want %s in it", got, want)
		}
	}
}

func TestBodiesShareNoMemory(t *testing.T) {
	first, second := samples[0], samples[1]
	kept, err := Body(&first.event, first.operator, eventTime)
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if _, err := Body(&second.event, second.operator, eventTime); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(first.want, string(kept)); diff != "" {
		t.Errorf("a body changed when others were made (-want +got):\n%s", diff)
	}
}

func TestEveryCommandIsListedDocumentedAndHasASample(t *testing.T) {
	var want []string
	for _, s := range samples {
		want = append(want, s.name)
		if got := Command(s.event.Change); got != s.name {
			t.Errorf("Command(%v) = %q, want %q", reflect.TypeOf(s.event.Change), got, s.name)
		}
	}
	got := Commands()
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Commands (-want +got):\n%s", diff)
	}
	for _, word := range got {
		if !callback.KnownCommand(word) {
			t.Errorf("%q is no documented command", word)
		}
	}
}
