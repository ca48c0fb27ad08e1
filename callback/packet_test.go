package callback

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The samples as the pages print them, with their missing commas added; section 6.1 with EventTime where it is best read.
const (
	sampleModifyAdmin = `{
"CallbackCommand":"Live.CallbackAfterModifyAdmin",
"RoomId":"room_id",
"EventTime":1703589922780,
"Operator_Account":"admin",
"Admin_Account": ["user1", "user2"],
"opType": "add"
}`
	sampleChangeOwner = `{"CallbackCommand":"Live.CallbackAfterChangeOwner","RoomId":"room_id","EventTime":1703589922780,
"Operator_Account":"admin","CurrentOwner_Account":"user2","OriginalOwner_Account":"user1"}`
	sampleCreateRoom = `{"CallbackCommand":"Live.CallbackAfterCreateRoom","Operator_Account":"admin",
"RoomInfo":{"RoomId":"r","RoomName":"n","RoomType":"Live","Owner_Account":"user3","MaxMemberCount":300,
"IsMessageDisabled":true,"CustomInfo":"","IsSeatEnabled":true,"TakeSeatMode":"ApplyToTake",
"MaxSeatCount":16,"CreateTime":1703589922,"IsPublicVisible":true,"CoverURL":"","Category":[1,2]},"EventTime":1703589922780}`
	sampleDestroyRoom = `{"CallbackCommand":"Live.CallbackAfterDestroyRoom","Operator_Account":"admin","RoomId":"r",
"EventType":"DestroyByUser","EventTime":1703589922780,
"RoomInfo":{"RoomName":"","RoomType":"Live","Owner_Account":"u","IsSeatEnabled":true,"TakeSeatMode":"FreeToTake",
"MaxMemberCount":400,"MaxSeatCount":4,"Category":[1,2,3],"CustomInfo":"","IsMessageDisabled":false,
"CoverURL":"","ActivityStatus":0,"IsPublicVisible":false,"ViewCount":0,"BackgroundURL":"",
"IsUnlimitedRoomEnabled":true},
"Statistic":{"TotalViewers":0,"TotalGiftsSent":0,"TotalGiftCoins":0,"TotalUniqueGiftSenders":0,"TotalLikesReceived":0}}`
	sampleMemberStateChanged = `{"CallbackCommand":"Live.CallbackAfterMemberStateChanged","RoomId":"room_id","EventType":"Online",
"EventCause":"Enter","MemberList":[{"Member_Account":"jared"},{"Member_Account":"tommy"}],"EventTime":1703589922780}`
	sampleUpdateRoomInfo = `{"CallbackCommand":"Live.CallbackAfterUpdateRoomInfo","Operator_Account":"bob",
"RoomInfo":{"RoomId":"live-room","RoomName":"n","MaxMemberCount":300,"IsMessageDisabled":false,"CoverURL":"",
"Category":[1,2,3],"ActivityStatus":1,"IsPublicVisible":false,"TakeSeatMode":"ApplyToTake","CustomInfo":"c"},
"EventTime":1670574414123}`
	sampleSetMetadata = `{"CallbackCommand":"Live.CallbackAfterSetMetadata","Operator_Account":"admin","RoomId":"room_id",
"Metadata":[{"Key":"key1","Value":"<value1>"}],"EventTime":1703589922780}`
	sampleDelMetadata = `{"CallbackCommand":"Live.CallbackAfterDelMetadata","Operator_Account":"admin","RoomId":"room_id",
"Keys":["key1","<2>"],"EventTime":1703589922780}`
)

// The samples of seats and battles, with an entry of each list that the pages describe.
const (
	sampleSeatInfoChanged = `{"CallbackCommand":"Mic.CallbackAfterSeatInfoChanged","RoomId":"rid-123",
"SeatList":[{"Index":1,"Member_Account":"user2","IsTakenDisabled":false,"IsVideoDisabled":false,"IsAudioDisabled":false},
{"Index":2,"IsTakenDisabled":true,"IsVideoDisabled":true,"IsAudioDisabled":true}],"EventTime":1670574414123}`
	sampleCreateBattle = `{"CallbackCommand":"Live.CallbackAfterCreateBattle","Operator_Account":"u","BattleId":"base64-like",
"FromRoomId":"pk-3","ToRoomIdList":["pk-5"],"Timeout":30000,"Duration":60000,"NeedResponse":false,
"ExtensionInfo":"extension pk","EventTime":1739954005000}`
	sampleStartBattle = `{"CallbackCommand":"Live.CallbackAfterStartBattle","BattleId":"base64-like","Duration":60000,
"CreateTime":1739954005,"StartTime":1739954006,"FromRoomInfo":{"RoomId":"pk-3","Owner_Account":"u3"},
"ToRoomList":[{"RoomId":"pk-5","Owner_Account":"u5"}],"EventTime":1739954005000}`
	sampleEndBattle = `{"CallbackCommand":"Live.CallbackAfterEndBattle","BattleId":"base64-like","Duration":60000,
"CreateTime":1739954005,"StartTime":1739954006,"EndTime":1739954066,"OpType":0,
"FromRoomInfo":{"RoomId":"pk-3","Score":7,"Owner_Account":"u3"},
"ToRoomList":[{"RoomId":"pk-5","Score":9,"Owner_Account":"u5"}],"EventTime":1739954066000}`

	// Spec: callbacks, section 6.6.
	sampleRoomThreshold = `{"CallbackCommand":"Live.CallbackAfterCreateRoomReachingThreshold","Operator_Account":"admin",
"EventTime":1703589922780,"CurRoomCount":400,"MaxRoomCount":500}`
)

// seedModifyAdmin is the packet of the seed page.
var seedModifyAdmin = ModifyAdmin{
	CallbackCommand: CommandAfterModifyAdmin,
	RoomID:          "room_id",
	EventTime:       1703589922780,
	OperatorAccount: "admin",
	AdminAccounts:   Accounts{"user1", "user2"},
	OpType:          OpAdd,
}

// encode marshals as the sender does: compact and without HTML escaping.
func encode(t *testing.T, packet any) string {
	t.Helper()
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(packet); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(buf.String(), "\n")
}

func compact(t *testing.T, sample string) string {
	t.Helper()
	var buf bytes.Buffer
	if err := json.Compact(&buf, []byte(sample)); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

func decode[T any](t *testing.T, body string) T {
	t.Helper()
	var packet T
	if err := json.Unmarshal([]byte(body), &packet); err != nil {
		t.Fatal(err)
	}
	return packet
}

func TestModifyAdminIsTheSeedSampleByteForByte(t *testing.T) {
	if diff := cmp.Diff(encode(t, seedModifyAdmin), compact(t, sampleModifyAdmin)); diff != "" {
		t.Errorf("body (-got +want):\n%s", diff)
	}
}

func TestEveryPacketMarshalsToItsDocumentedSample(t *testing.T) {
	for _, tt := range []struct {
		name   string
		packet any
		sample string
	}{
		{"ModifyAdmin", &ModifyAdmin{}, sampleModifyAdmin},
		{"ChangeOwner", &ChangeOwner{}, sampleChangeOwner},
		{"CreateRoom", &CreateRoom{}, sampleCreateRoom},
		{"DestroyRoom", &DestroyRoom{}, sampleDestroyRoom},
		{"UpdateRoomInfo", &UpdateRoomInfo{}, sampleUpdateRoomInfo},
		{"RoomThreshold", &RoomThreshold{}, sampleRoomThreshold},
		{"SetMetadata", &SetMetadata{}, sampleSetMetadata},
		{"DelMetadata", &DelMetadata{}, sampleDelMetadata},
		{"SeatInfoChanged", &SeatInfoChanged{}, sampleSeatInfoChanged},
		{"CreateBattle", &CreateBattle{}, sampleCreateBattle},
		{"StartBattle", &StartBattle{}, sampleStartBattle},
		{"EndBattle", &EndBattle{}, sampleEndBattle},
		{"AfterSendMessage", &AfterSendMessage{}, sampleAfterSendMessage},
		{"BeforeSendMessage", &BeforeSendMessage{}, sampleBeforeSendMessage},
		{"BeforeSendGift", &BeforeSendGift{}, sampleBeforeSendGift},
		{"MemberStateChanged", &MemberStateChanged{}, sampleMemberStateChanged},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := json.Unmarshal([]byte(tt.sample), tt.packet); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(encode(t, tt.packet), compact(t, tt.sample)); diff != "" {
				t.Errorf("body (-got +want):\n%s", diff)
			}
		})
	}
}

func TestEmptyListsMarshalToArrays(t *testing.T) {
	for _, tt := range []struct {
		name   string
		packet any
		want   string
	}{
		{"ModifyAdmin", ModifyAdmin{}, `"Admin_Account":[]`},
		{"CreateRoom", CreateRoom{}, `"Category":[]`},
		{"DestroyRoom", DestroyRoom{}, `"Category":[]`},
		{"UpdateRoomInfo", UpdateRoomInfo{}, `"Category":[]`},
		{"SetMetadata", SetMetadata{}, `"Metadata":[]`},
		{"DelMetadata", DelMetadata{}, `"Keys":[]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := encode(t, tt.packet)
			if !strings.Contains(got, tt.want) || strings.Contains(got, "null") {
				t.Errorf("body = %s, want it to contain %s and no null", got, tt.want)
			}
		})
	}
}

func TestModifyAdminReadsEveryLenientForm(t *testing.T) {
	with := func(change func(*ModifyAdmin)) ModifyAdmin {
		packet := seedModifyAdmin
		change(&packet)
		return packet
	}
	for _, tt := range []struct {
		name     string
		old, new string // replacement in the sample
		want     ModifyAdmin
	}{
		{"as printed", "", "", seedModifyAdmin},
		{"OpType as the REST call writes it", `"opType"`, `"OpType"`, seedModifyAdmin},
		{"EventTime as a string", `1703589922780`, `"1703589922780"`, seedModifyAdmin},
		{"unknown fields", `"RoomId"`, `"New":{"RoomId":"x"},"RoomId"`, seedModifyAdmin},
		{"operator as a number above 2^53", `"admin"`, `144115216631667827`,
			with(func(m *ModifyAdmin) { m.OperatorAccount = "144115216631667827" })},
		{"operator beyond int64", `"admin"`, `-98765432109876543210`,
			with(func(m *ModifyAdmin) { m.OperatorAccount = "-98765432109876543210" })},
		{"accounts as numbers", `["user1", "user2"]`, `[144115216631667827,"user2"]`,
			with(func(m *ModifyAdmin) { m.AdminAccounts = Accounts{"144115216631667827", "user2"} })},
		{"escapes in accounts", `"admin"`, `"\u0061\"<"`, with(func(m *ModifyAdmin) { m.OperatorAccount = `a"<` })},
		{"null", `"admin"`, `null`, with(func(m *ModifyAdmin) { m.OperatorAccount = "" })},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := decode[ModifyAdmin](t, strings.Replace(sampleModifyAdmin, tt.old, tt.new, 1))
			if diff := cmp.Diff(got, tt.want); diff != "" {
				t.Errorf("packet (-got +want):\n%s", diff)
			}
		})
	}
}

func TestCreateRoomFindsEventTimeInEveryDocumentedPlace(t *testing.T) {
	const top = `},"EventTime":1703589922780}`
	for _, tt := range []struct {
		name string
		tail string
		want Millis
	}{
		{"top level", top, 1703589922780},
		{"inside RoomInfo", `,"EventTime":1703589922781}}`, 1703589922781},
		{"inside RoomInfo as a string", `,"EventTime":"1703589922781"}}`, 1703589922781},
		{"both", `,"EventTime":1},"EventTime":1703589922780}`, 1703589922780},
		{"neither", `}}`, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := decode[CreateRoom](t, strings.Replace(sampleCreateRoom, top, tt.tail, 1))
			if got.EventTime != tt.want || got.RoomInfo.RoomID != "r" {
				t.Errorf("EventTime, RoomId = %d, %q, want %d, %q", got.EventTime, got.RoomInfo.RoomID, tt.want, "r")
			}
		})
	}
}

// realDestroyRoom has the shape of a payload that the cloud sent: RoomId first in RoomInfo, no Category, no Statistic.
const realDestroyRoom = `{"CallbackCommand":"Live.CallbackAfterDestroyRoom","Operator_Account":"@TIM#SYSTEM","RoomId":"live_7",` +
	`"EventType":"DestroyBySystem","EventTime":1757400000123,"RoomInfo":{"RoomId":"live_7","RoomName":"evening","RoomType":"Live",` +
	`"Owner_Account":"70007","IsSeatEnabled":true,"TakeSeatMode":"ApplyToTake","MaxMemberCount":0,"MaxSeatCount":9,"CustomInfo":"",` +
	`"IsMessageDisabled":false,"CoverURL":"","ActivityStatus":0,"IsPublicVisible":true,"ViewCount":12,"BackgroundURL":"",` +
	`"IsUnlimitedRoomEnabled":false}}`

func TestDestroyRoomReadsWhatTheCloudReallySent(t *testing.T) {
	got := decode[DestroyRoom](t, realDestroyRoom)
	want := DestroyRoom{
		CallbackCommand: CommandAfterDestroyRoom,
		OperatorAccount: "@TIM#SYSTEM",
		RoomID:          "live_7",
		EventType:       DestroyBySystem,
		EventTime:       1757400000123,
		RoomInfo: DestroyedRoom{
			RoomID: "live_7", RoomName: "evening", RoomType: "Live", OwnerAccount: "70007", IsSeatEnabled: true,
			TakeSeatMode: "ApplyToTake", MaxSeatCount: 9, IsPublicVisible: true, ViewCount: 12,
		},
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("packet (-got +want):\n%s", diff)
	}
}

func TestDestroyRoomReadsTheOldestBodyWithoutRoomInfo(t *testing.T) {
	got := decode[DestroyRoom](t, `{"CallbackCommand":"Live.CallbackAfterDestroyRoom","Operator_Account":"admin","RoomId":"r",`+
		`"EventType":"DestroyByUser","EventTime":1703589922780}`)
	want := DestroyRoom{
		CallbackCommand: CommandAfterDestroyRoom, OperatorAccount: "admin", RoomID: "r",
		EventType: DestroyByUser, EventTime: 1703589922780,
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("packet (-got +want):\n%s", diff)
	}
}

// Accounts of battles are numbers in one printed sample, those of seats in another.
func TestSeatsAndBattlesReadAccountsThatAreNumbers(t *testing.T) {
	const number = "144115216631667827"
	end := decode[EndBattle](t, strings.Replace(sampleEndBattle, `"u3"`, number, 1))
	start := decode[StartBattle](t, strings.Replace(sampleStartBattle, `"u5"`, number, 1))
	seat := decode[SeatInfoChanged](t, strings.Replace(sampleSeatInfoChanged, `"user2"`, number, 1))
	got := []Account{end.FromRoomInfo.OwnerAccount, start.ToRoomList[0].OwnerAccount, seat.SeatList[0].MemberAccount}
	if diff := cmp.Diff(got, []Account{number, number, number}); diff != "" {
		t.Errorf("accounts (-got +want):\n%s", diff)
	}
}
