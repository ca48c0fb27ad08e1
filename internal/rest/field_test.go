package rest

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/liveapi"
)

// samples is a good body of each call with every field that it takes, in an order in which all succeed.
var samples = []struct{ command, body string }{
	{"create_room", `{"RoomInfo":{"RoomId":"r1","RoomType":"Live","Owner_Account":"host","SeatTemplate":"AudioSalon",
		"SeatLayoutTemplateId":50,"IsSeatEnabled":true,"MaxSeatCount":50,"RoomName":"<name>","MaxMemberCount":1000000,
		"IsMessageDisabled":true,"CoverURL":"https://c","Category":[1,2,3],"ActivityStatus":-9,"IsPublicVisible":true,
		"TakeSeatMode":"ApplyToTake","Notice":"n","IsUnlimitedRoomEnabled":true,"KeepOwnerOnSeat":true,
		"BackgroundURL":"https://b","CustomInfo":"i"}}`},
	{"update_room_info", `{"RoomInfo":{"RoomId":"r1","RoomName":"new","MaxMemberCount":7,"IsMessageDisabled":false,
		"CoverURL":"https://c2","Category":[4],"ActivityStatus":2,"IsPublicVisible":true,"TakeSeatMode":"FreeToTake",
		"Notice":"n2","IsUnlimitedRoomEnabled":true,"KeepOwnerOnSeat":false,"BackgroundURL":"https://b2","CustomInfo":"i2"}}`},
	{"get_room_info", `{"RoomId":"r1"}`},
	{"get_room_list", `{"Next":"","Count":20,"SortDirection":"ascend"}`},
	{"modify_admin", `{"RoomId":"r1","Admin_Account":["user1","user2"],"OpType":"add"}`},
	{"get_admin_list", `{"RoomId":"r1"}`},
	{"get_member_list", `{"RoomId":"r1","Next":""}`},
	{"ban_member", `{"RoomId":"r1","MemberList_Account":["user3"],"Duration":3600,"Reason":"r"}`},
	{"get_banned_member_list", `{"RoomId":"r1","Offset":0,"Limit":100}`},
	{"unban_member", `{"RoomId":"r1","MemberList_Account":["user3"]}`},
	{"mute_member", `{"RoomId":"r1","MemberList_Account":["user9"],"MuteTime":3600}`},
	{"get_muted_member_list", `{"RoomId":"r1"}`},
	{"add_robot", `{"RoomId":"r1","RobotList_Account":["bot1","bot2"]}`},
	{"get_robot", `{"RoomId":"r1"}`},
	{"del_robot", `{"RoomId":"r1","RobotList_Account":["bot1"]}`},
	{"change_room_owner", `{"RoomId":"r1","NewOwner_Account":"user2"}`},
	{"set_room_metadata", `{"RoomId":"r1","Metadata":[{"Key":"key1","Value":"value1"},{"Key":"key2","Value":""}]}`},
	{"get_room_metadata", `{"RoomId":"r1","Keys":["key1"]}`},
	{"del_room_metadata", `{"RoomId":"r1","Keys":["key1","key2"]}`},
	{"set_mix_stream", `{"RoomId":"r1","LayoutMode":1000,"VideoEncode":{"Width":720,"Height":1280},"LayoutInfo":{"LayoutList":[
		{"LocationX":0,"LocationY":1,"ImageWidth":2,"ImageHeight":3,"RoomId":"r2","Member_Account":"host","StreamType":0,"ZOrder":1}]}}`},
	{"resume_mcu_task", `{"RoomId":"r1"}`},
	{"add_gift", `{"GiftId":"GId1","IconUrl":"https://x/1.png","ResourceUrl":"https://x/2.png","Coins":10,"Level":1,
		"ExtensionInfo":"{\"key\":\"value\"}","DefaultName":"name1","DefaultDesc":"desc1"}`},
	{"edit_gift", `{"GiftId":"GId1","IconUrl":"https://x/3.png","ResourceUrl":"https://x/4.png","Coins":20,"Level":2,
		"ExtensionInfo":"1","DefaultName":"name2","DefaultDesc":"desc2"}`},
	{"get_gift", `{"GiftId":"GId1"}`},
	{"add_gift_category", `{"CategoryId":"CId2","ExtensionInfo":"{}","DefaultName":"name1","DefaultDesc":"desc1"}`},
	{"edit_gift_category", `{"CategoryId":"CId2","ExtensionInfo":"","DefaultName":"name2","DefaultDesc":"desc2"}`},
	{"get_gift_category", `{"CategoryId":"CId2"}`},
	{"add_gift_category_relations", `{"CategoryId":"CId2","GiftIdList":["GId1","none"]}`},
	{"get_gift_category_relations", `{"CategoryId":"CId2"}`},
	{"set_gift_language", `{"GiftId":"GId1","Language":"en","Name":"n","Desc":"d"}`},
	{"get_gift_language", `{"GiftId":"GId1","Language":"en"}`},
	{"set_gift_category_language", `{"CategoryId":"CId2","Language":"zh-Hans","CategoryName":"n","CategoryDesc":"d"}`},
	{"get_gift_category_language", `{"CategoryId":"CId2","Language":"zh-Hans"}`},
	{"get_gift_info_list", `{}`},
	{"send_gift", `{"RoomId":"r1","GiftId":"GId1","Count":2,"From_Account":"user1","ReceiverList_Account":["user2"]}`},
	{"get_gift_count", `{"RoomId":"r1","From_Account":"user2"}`},
	{"get_room_stats", `{"RoomId":"r1"}`},
	{"get_room_statistic", `{"RoomId":"r1"}`},
	{"del_gift_language", `{"GiftId":"GId1","Language":"en"}`},
	{"del_gift_category_language", `{"CategoryId":"CId2","Language":"zh-Hans"}`},
	{"del_gift_category_relations", `{"CategoryId":"CId2","GiftIdList":["GId1"]}`},
	{"del_gift", `{"GiftId":"GId1"}`},
	{"del_gift_category", `{"CategoryId":"CId2"}`},
	{"pick_user_on_seat", `{"RoomId":"r1","Member_Account":"user2","Index":1}`},
	{"move_user_to_seat", `{"RoomId":"r1","SeatIndex":2,"Member_Account":"user2","Policy":2}`},
	{"switch_seat", `{"RoomId":"r1","ToIndex":3,"Member_Account":"user2"}`},
	{"lock_seat", `{"RoomId":"r1","Index":4,"ForbidTaken":true,"ForbidVideo":true,"ForbidAudio":true}`},
	{"get_seat_list", `{"RoomId":"r1"}`},
	{"kick_user_off_seat", `{"RoomId":"r1","Member_Account":"user2","Data":"time is up"}`},
	{"create_battle", `{"FromRoomId":"r1","ToRoomIdList":["r2"],"Duration":60000,"ExtensionInfo":"x"}`},
	{"set_battle_score", `{"BattleId":"AAAAAAAAAAAAAAAAAAAAAHIx","OpType":1,"ScoreList":[{"RoomId":"r2","Score":100}]}`},
	{"get_battle_info", `{"BattleId":"AAAAAAAAAAAAAAAAAAAAAHIx","RoomId":"r2"}`},
	{"send_text_msg", `{"RoomId":"r1","Sender_Account":"user1","TextContent":"hello","ExtensionInfo":"{\"data\":1}"}`},
	{"send_custom_msg", `{"RoomId":"r1","Sender_Account":"user1","BusinessId":"kind","Data":"payload"}`},
	{"send_group_msg", `{"GroupId":"r1","From_Account":"user1","Random":4294967295,
		"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{}}],"CloudCustomData":"d"}`},
	{"destroy_room", `{"RoomId":"r1"}`},
	{"set_callback", `{"Url":"https://a.example/cb","CallbackCommandList":["Live.CallbackAfterModifyAdmin"]}`},
	{"update_callback", `{"Url":"https://a.example/cb2","CallbackCommandList":["Live.CallbackAfterCreateRoom"]}`},
	{"get_callback", `{}`},
	{"set_callback_token", `{"Token":"secret","IsTokenEnable":true}`},
	{"get_callback_token", `{}`},
	{"delete_callback", `{}`},
	{"account_import", `{"UserID":"host","Nick":"<Host>","FaceUrl":"https://f"}`},
	{"portrait_set", `{"From_Account":"host","ProfileItem":[{"Tag":"Tag_Profile_IM_Nick","Value":"Host"},{"Tag":"Tag_Profile_IM_Level","Value":-3}]}`},
	{"portrait_get", `{"To_Account":["host","nobody"],"TagList":["Tag_Profile_IM_Nick","Tag_Profile_IM_Level"]}`},
}

func TestEveryCallTakesItsSample(t *testing.T) {
	w := newWorld(t)
	w.ok("create_room", `{"RoomInfo":{"RoomId":"r2","RoomType":"Live"}}`) // for a battle
	var tried []string
	for _, s := range samples {
		w.ok(s.command, s.body)
		tried = append(tried, s.command)
	}
	var want []string
	for _, c := range calls() {
		want = append(want, c.command)
	}
	slices.Sort(tried)
	slices.Sort(want)
	if diff := cmp.Diff(want, tried); diff != "" {
		t.Errorf("calls with a sample (-want +got):\n%s", diff)
	}
}

// A field that is not in the sample would not be tried with bad values.
func TestEveryFieldIsInTheSampleOfItsCall(t *testing.T) {
	for _, s := range samples {
		t.Run(s.command, func(t *testing.T) {
			var body map[string]any
			if err := json.Unmarshal([]byte(s.body), &body); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(paths("", fieldsOf(t, s.command)), keys("", body)); diff != "" {
				t.Errorf("fields of the sample (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFieldsAreThoseOfTheRequestTypes(t *testing.T) {
	types := map[string]any{
		"create_room": liveapi.CreateRoomRequest{}, "destroy_room": liveapi.DestroyRoomRequest{},
		"update_room_info": liveapi.UpdateRoomInfoRequest{}, "get_room_info": liveapi.GetRoomInfoRequest{},
		"get_room_list": liveapi.GetRoomListRequest{}, "modify_admin": liveapi.ModifyAdminRequest{},
		"get_admin_list": liveapi.GetAdminListRequest{}, "change_room_owner": liveapi.ChangeRoomOwnerRequest{},
		"send_text_msg": liveapi.SendTextMsgRequest{}, "send_custom_msg": liveapi.SendCustomMsgRequest{},
		"send_group_msg": liveapi.SendGroupMsgRequest{},
		"set_callback":   liveapi.CallbackConfig{}, "update_callback": liveapi.CallbackConfig{},
		"get_member_list": liveapi.GetMemberListRequest{}, "ban_member": liveapi.BanMemberRequest{},
		"unban_member": liveapi.UnbanMemberRequest{}, "get_banned_member_list": liveapi.GetBannedMemberListRequest{},
		"mute_member": liveapi.MuteMemberRequest{}, "get_muted_member_list": liveapi.GetMutedMemberListRequest{},
		"add_robot": liveapi.RobotRequest{}, "del_robot": liveapi.RobotRequest{}, "get_robot": liveapi.GetRobotRequest{},
		"get_callback": struct{}{}, "delete_callback": struct{}{},
		"account_import": liveapi.ImportAccountRequest{}, "portrait_set": liveapi.SetPortraitRequest{},
		"portrait_get":       liveapi.GetPortraitRequest{},
		"set_callback_token": liveapi.SetCallbackTokenRequest{}, "get_callback_token": struct{}{},
		"set_room_metadata": liveapi.SetRoomMetadataRequest{}, "get_room_metadata": liveapi.GetRoomMetadataRequest{},
		"del_room_metadata": liveapi.DelRoomMetadataRequest{}, "get_room_stats": liveapi.GetRoomStatsRequest{},
		"get_room_statistic": liveapi.GetRoomStatsRequest{}, "set_mix_stream": liveapi.SetMixStreamRequest{},
		"resume_mcu_task": liveapi.ResumeMCUTaskRequest{}, "add_gift": liveapi.Gift{}, "edit_gift": liveapi.GiftEdit{},
		"get_gift": liveapi.GiftRequest{}, "del_gift": liveapi.GiftRequest{}, "get_gift_info_list": struct{}{},
		"add_gift_category": liveapi.GiftCategory{}, "edit_gift_category": liveapi.GiftCategoryEdit{},
		"get_gift_category": liveapi.GiftCategoryRequest{}, "del_gift_category": liveapi.GiftCategoryRequest{},
		"add_gift_category_relations": liveapi.GiftRelation{}, "del_gift_category_relations": liveapi.GiftRelation{},
		"get_gift_category_relations": liveapi.GiftCategoryRequest{},
		"set_gift_language":           liveapi.SetGiftLanguageRequest{}, "get_gift_language": liveapi.GiftLanguageRequest{},
		"del_gift_language": liveapi.GiftLanguageRequest{}, "set_gift_category_language": liveapi.SetGiftCategoryLanguageRequest{},
		"get_gift_category_language": liveapi.GiftCategoryLanguageRequest{}, "del_gift_category_language": liveapi.GiftCategoryLanguageRequest{},
		"send_gift": liveapi.SendGiftRequest{}, "get_gift_count": liveapi.GetGiftCountRequest{},
		"create_battle": liveapi.CreateBattleRequest{}, "set_battle_score": liveapi.SetBattleScoreRequest{},
		"get_battle_info": liveapi.GetBattleInfoRequest{}, "get_seat_list": liveapi.GetSeatListRequest{},
		"pick_user_on_seat": liveapi.PickUserOnSeatRequest{}, "kick_user_off_seat": liveapi.KickUserOffSeatRequest{},
		"lock_seat": liveapi.LockSeatRequest{}, "move_user_to_seat": liveapi.MoveUserToSeatRequest{},
		"switch_seat": liveapi.SwitchSeatRequest{},
	}
	for _, c := range calls() {
		t.Run(c.command, func(t *testing.T) {
			request, ok := types[c.command]
			if !ok {
				t.Fatal("the call has no request type here")
			}
			if diff := cmp.Diff(tags("", reflect.TypeOf(request)), paths("", c.fields())); diff != "" {
				t.Errorf("fields (-request type +call):\n%s", diff)
			}
		})
	}
}

func TestCreateRoomFillsEveryAttribute(t *testing.T) {
	var c live.CreateRoom
	if err := decode([]byte(samples[0].body), createRoomFields(&c)); err != nil {
		t.Fatal(err)
	}
	attributes := reflect.ValueOf(c.Attributes)
	for i := range attributes.NumField() {
		if attributes.Field(i).IsNil() {
			t.Errorf("no field of create_room fills live.Attributes.%s", attributes.Type().Field(i).Name)
		}
	}
}

func TestUpdateRoomTakesOnlyWhatCanChange(t *testing.T) {
	var c live.UpdateRoom
	body := `{"RoomInfo":{"RoomId":"r1","SeatTemplate":"Karaoke","MaxSeatCount":9,"IsSeatEnabled":true,"Owner_Account":5,"RoomType":7}}`
	if err := decode([]byte(body), updateRoomFields(&c)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(live.UpdateRoom{Room: "r1"}, c); diff != "" {
		t.Errorf("command (-want +got):\n%s", diff)
	}
}

// fieldsOf returns the fields of a command.
func fieldsOf(t *testing.T, command string) []field {
	t.Helper()
	for _, c := range calls() {
		if c.command == command {
			return c.fields()
		}
	}
	t.Fatalf("no command %q", command)
	return nil
}

// paths lists fields and those of their objects, sorted.
func paths(prefix string, fields []field) []string {
	list := []string{}
	for _, f := range fields {
		list = append(list, prefix+f.name)
		list = append(list, paths(prefix+f.name+".", f.fields)...)
	}
	slices.Sort(list)
	return list
}

// keys lists the keys of an object and of the objects in it, sorted. Of a list of objects it is the first.
func keys(prefix string, object map[string]any) []string {
	list := []string{}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		list = append(list, prefix+name)
		value := object[name]
		if entries, ok := value.([]any); ok && len(entries) > 0 {
			value = entries[0]
		}
		if inner, ok := value.(map[string]any); ok {
			list = append(list, keys(prefix+name+".", inner)...)
		}
	}
	slices.Sort(list)
	return list
}

// tags lists the JSON names of a struct type and of the structs in it, alone and in lists, sorted.
func tags(prefix string, typ reflect.Type) []string {
	list := []string{}
	for i := range typ.NumField() {
		name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
		list = append(list, prefix+name)
		inner := typ.Field(i).Type
		if inner.Kind() == reflect.Slice || inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct {
			list = append(list, tags(fmt.Sprintf("%s%s.", prefix, name), inner)...)
		}
	}
	slices.Sort(list)
	return list
}
