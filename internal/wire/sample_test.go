package wire

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/live"
)

const eventTime = 1703589922780

// sampleBattle ended after 25 s of its 60.
var sampleBattle = live.Battle{
	ID: "base64-like", From: live.BattleRoom{Room: "pk-3", Owner: "o3", Score: 3},
	To:       []live.BattleRoom{{Room: "pk-5", Owner: "o5", Score: -5}, {Room: "pk-6", Owner: "o6"}},
	Duration: 60_000, Started: 1_739_954_005_999, Ended: 1_739_954_030_001,
}

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
		// Spec: callbacks 6.16; it has no operator, and a seat that is empty no member.
		name: "Mic.CallbackAfterSeatInfoChanged",
		event: live.Event{Room: "rid-123", Change: live.SeatsChanged{Seats: []live.Seat{
			{Index: 0, TakenDisabled: true, VideoDisabled: true}, {Index: 1, Account: "user2"}, {Index: 2, AudioDisabled: true},
		}}},
		want: `{"CallbackCommand":"Mic.CallbackAfterSeatInfoChanged","RoomId":"rid-123","SeatList":[` +
			`{"Index":0,"IsTakenDisabled":true,"IsVideoDisabled":true,"IsAudioDisabled":false},` +
			`{"Index":1,"Member_Account":"user2","IsTakenDisabled":false,"IsVideoDisabled":false,"IsAudioDisabled":false},` +
			`{"Index":2,"IsTakenDisabled":false,"IsVideoDisabled":false,"IsAudioDisabled":true}],"EventTime":1703589922780}`,
	},
	{
		// Spec: callbacks 6.10.
		name:     "Live.CallbackAfterCreateBattle",
		event:    live.Event{Room: "pk-3", Change: live.BattleCreated{Battle: sampleBattle, ExtensionInfo: "extension pk"}},
		operator: "u",
		want: `{"CallbackCommand":"Live.CallbackAfterCreateBattle","Operator_Account":"u","BattleId":"base64-like","FromRoomId":"pk-3",` +
			`"ToRoomIdList":["pk-5","pk-6"],"Timeout":0,"Duration":60000,"NeedResponse":false,"ExtensionInfo":"extension pk",` +
			`"EventTime":1703589922780}`,
	},
	{
		// Spec: callbacks 6.11; it has no operator.
		name:  "Live.CallbackAfterStartBattle",
		event: live.Event{Room: "pk-3", Change: live.BattleStart{Battle: sampleBattle}},
		want: `{"CallbackCommand":"Live.CallbackAfterStartBattle","BattleId":"base64-like","Duration":60000,"CreateTime":1739954005,` +
			`"StartTime":1739954005,"FromRoomInfo":{"RoomId":"pk-3","Owner_Account":"o3"},` +
			`"ToRoomList":[{"RoomId":"pk-5","Owner_Account":"o5"},{"RoomId":"pk-6","Owner_Account":"o6"}],"EventTime":1703589922780}`,
	},
	{
		// Spec: callbacks 6.12; it has no operator.
		name:  "Live.CallbackAfterEndBattle",
		event: live.Event{Room: "pk-3", Change: live.BattleEnd{Battle: sampleBattle, Cause: live.BattleLeft}},
		want: `{"CallbackCommand":"Live.CallbackAfterEndBattle","BattleId":"base64-like","Duration":60000,"CreateTime":1739954005,` +
			`"StartTime":1739954005,"EndTime":1739954030,"OpType":1,"FromRoomInfo":{"RoomId":"pk-3","Score":3,"Owner_Account":"o3"},` +
			`"ToRoomList":[{"RoomId":"pk-5","Score":-5,"Owner_Account":"o5"},{"RoomId":"pk-6","Score":0,"Owner_Account":"o6"}],` +
			`"EventTime":1703589922780}`,
	},
	{
		// Spec: callbacks 6.18, in the printed order; EventTime as the table has it.
		name: "Group.CallbackAfterSendMsg",
		event: live.Event{Room: "room_id", Change: live.MessageSent{
			Message: live.Message{
				From: "jared", Random: 123456, ID: "144115233406643804", CloudCustomData: "your cloud custom data",
				Body: []live.MessageElement{{Type: "TIMTextElem", Content: json.RawMessage(`{"Text":"<red> packet"}`)}},
			},
			Seq: 123, Time: 1490686222,
		}},
		operator: "admin",
		want: `{"CallbackCommand":"Group.CallbackAfterSendMsg","GroupId":"room_id","Type":"Live","From_Account":"jared",` +
			`"Operator_Account":"admin","Random":123456,"MsgId":"144115233406643804","MsgSeq":123,"MsgTime":1490686222,` +
			`"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"<red> packet"}}],` +
			`"CloudCustomData":"your cloud custom data","EventTime":1703589922780}`,
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
	{
		// Spec: callbacks 6.4.
		name: "Live.CallbackAfterSetMetadata",
		event: live.Event{Room: "room_id", Change: live.MetadataSet{
			Entries: []live.MetadataEntry{{Key: "key1", Value: "<v1>"}, {Key: "key2", Value: ""}},
		}},
		operator: "admin",
		want: `{"CallbackCommand":"Live.CallbackAfterSetMetadata","Operator_Account":"admin","RoomId":"room_id",` +
			`"Metadata":[{"Key":"key1","Value":"<v1>"},{"Key":"key2","Value":""}],"EventTime":1703589922780}`,
	},
	{
		// Spec: callbacks 6.5.
		name:     "Live.CallbackAfterDelMetadata",
		event:    live.Event{Room: "room_id", Change: live.MetadataDeleted{Keys: []string{"key1", "<2>"}}},
		operator: "admin",
		want: `{"CallbackCommand":"Live.CallbackAfterDelMetadata","Operator_Account":"admin","RoomId":"room_id",` +
			`"Keys":["key1","<2>"],"EventTime":1703589922780}`,
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
