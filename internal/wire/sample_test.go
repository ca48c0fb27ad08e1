package wire

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/live"
)

const eventTime = 1703589922780

// samples has an event of every command and its body, byte for byte: keys and values of the printed samples.
var samples = []struct {
	name     string
	event    live.Event
	operator live.Account
	want     string
}{
	{
		// Spec: the seed page; callbacks 7.
		name: "Live.CallbackAfterModifyAdmin",
		event: live.Event{
			Room:   "room_id",
			Change: live.AdministratorsModified{Accounts: []live.Account{"user1", "user2"}, Op: live.AddAdministrators},
		},
		operator: "admin",
		want: `{"CallbackCommand":"Live.CallbackAfterModifyAdmin","RoomId":"room_id","EventTime":1703589922780,` +
			`"Operator_Account":"admin","Admin_Account":["user1","user2"],"opType":"add"}`,
	},
	{
		// Spec: callbacks 6.8.
		name:     "Live.CallbackAfterChangeOwner",
		event:    live.Event{Room: "room_id", Change: live.OwnerChanged{Current: "user2", Original: "user1"}},
		operator: "admin",
		want: `{"CallbackCommand":"Live.CallbackAfterChangeOwner","RoomId":"room_id","EventTime":1703589922780,` +
			`"Operator_Account":"admin","CurrentOwner_Account":"user2","OriginalOwner_Account":"user1"}`,
	},
	{
		// Spec: callbacks 6.7; it has no operator.
		name:  "Live.CallbackAfterMemberStateChanged",
		event: live.Event{Room: "room_id", Change: live.MembersChanged{Cause: live.MembersEntered, Accounts: []live.Account{"jared", "tommy"}}},
		want: `{"CallbackCommand":"Live.CallbackAfterMemberStateChanged","RoomId":"room_id","EventType":"Online",` +
			`"EventCause":"Enter","MemberList":[{"Member_Account":"jared"},{"Member_Account":"tommy"}],"EventTime":1703589922780}`,
	},
	{
		// Spec: callbacks 6.6.
		name:     "Live.CallbackAfterCreateRoomReachingThreshold",
		event:    live.Event{Change: live.QuotaReached{Current: 400, Most: 500}},
		operator: "admin",
		want: `{"CallbackCommand":"Live.CallbackAfterCreateRoomReachingThreshold","Operator_Account":"admin","EventTime":1703589922780,` +
			`"CurRoomCount":400,"MaxRoomCount":500}`,
	},
	{
		// Spec: callbacks 6.1.
		name: "Live.CallbackAfterCreateRoom",
		event: live.Event{Room: "r", Change: live.RoomCreated{Room: live.Room{
			ID: "r", Name: "n", Owner: "user3", MaxMemberCount: 300, IsMessageDisabled: true, IsSeatEnabled: true,
			TakeSeatMode: live.ApplyToTake, MaxSeatCount: 16, CreateTime: 1703589922, IsPublicVisible: true, Category: []int64{1, 2},
		}}},
		operator: "admin",
		want: `{"CallbackCommand":"Live.CallbackAfterCreateRoom","Operator_Account":"admin",` +
			`"RoomInfo":{"RoomId":"r","RoomName":"n","RoomType":"Live","Owner_Account":"user3","MaxMemberCount":300,` +
			`"IsMessageDisabled":true,"CustomInfo":"","IsSeatEnabled":true,"TakeSeatMode":"ApplyToTake",` +
			`"MaxSeatCount":16,"CreateTime":1703589922,"IsPublicVisible":true,"CoverURL":"","Category":[1,2]},` +
			`"EventTime":1703589922780}`,
	},
	{
		// Spec: callbacks 6.2.
		name: "Live.CallbackAfterDestroyRoom",
		event: live.Event{Room: "r", Change: live.RoomDestroyed{
			Cause: live.DestroyByUser,
			Room: live.Room{
				ID: "r", Owner: "u", IsSeatEnabled: true, TakeSeatMode: live.FreeToTake, MaxMemberCount: 400, MaxSeatCount: 4,
				Category: []int64{1, 2, 3}, IsUnlimitedRoom: true,
			},
		}},
		operator: "admin",
		want: `{"CallbackCommand":"Live.CallbackAfterDestroyRoom","Operator_Account":"admin","RoomId":"r",` +
			`"EventType":"DestroyByUser","EventTime":1703589922780,` +
			`"RoomInfo":{"RoomName":"","RoomType":"Live","Owner_Account":"u","IsSeatEnabled":true,"TakeSeatMode":"FreeToTake",` +
			`"MaxMemberCount":400,"MaxSeatCount":4,"Category":[1,2,3],"CustomInfo":"","IsMessageDisabled":false,` +
			`"CoverURL":"","ActivityStatus":0,"IsPublicVisible":false,"ViewCount":0,"BackgroundURL":"",` +
			`"IsUnlimitedRoomEnabled":true},` +
			`"Statistic":{"TotalViewers":0,"TotalGiftsSent":0,"TotalGiftCoins":0,"TotalUniqueGiftSenders":0,"TotalLikesReceived":0}}`,
	},
	{
		// Spec: callbacks 6.3.
		name: "Live.CallbackAfterUpdateRoomInfo",
		event: live.Event{Room: "live-room", Change: live.RoomUpdated{Room: live.Room{
			ID: "live-room", Name: "n", MaxMemberCount: 300, Category: []int64{1, 2, 3}, ActivityStatus: 1,
			TakeSeatMode: live.ApplyToTake, CustomInfo: "c",
		}}},
		operator: "bob",
		want: `{"CallbackCommand":"Live.CallbackAfterUpdateRoomInfo","Operator_Account":"bob",` +
			`"RoomInfo":{"RoomId":"live-room","RoomName":"n","MaxMemberCount":300,"IsMessageDisabled":false,"CoverURL":"",` +
			`"Category":[1,2,3],"ActivityStatus":1,"IsPublicVisible":false,"TakeSeatMode":"ApplyToTake","CustomInfo":"c"},` +
			`"EventTime":1703589922780}`,
	},
}

func TestBodyIsTheDocumentedSampleByteForByte(t *testing.T) {
	for _, s := range samples {
		t.Run(s.name, func(t *testing.T) {
			checkBody(t, s.event, s.operator, s.want)
		})
	}
}

func checkBody(t *testing.T, e live.Event, operator live.Account, want string) {
	t.Helper()
	got, err := Body(&e, operator, eventTime)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

// The sample request packet of the seed page, as printed.
const seedSample = `
{
"CallbackCommand":"Live.CallbackAfterModifyAdmin",
"RoomId":"room_id",
"EventTime":1703589922780,
"Operator_Account":"admin",
"Admin_Account": ["user1", "user2"],
"opType": "add"
}
`

func TestModifyAdminIsThePrintedSampleWithoutItsBlanks(t *testing.T) {
	var want bytes.Buffer
	if err := json.Compact(&want, []byte(seedSample)); err != nil {
		t.Fatal(err)
	}
	checkBody(t, live.Event{
		Room:   "room_id",
		Change: live.AdministratorsModified{Accounts: []live.Account{"user1", "user2"}, Op: live.AddAdministrators},
	}, "admin", want.String())
}
