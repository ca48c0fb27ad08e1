package liveapi_test

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/liveapi"
)

const okEnvelope = `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"RequestId":"Id-1"}`

func okWith(response string) string {
	return `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"RequestId":"Id-1","Response":` + response + `}`
}

// okBeside has a payload beside Response, where the vendor's console reads another one.
func okBeside(member string) string {
	return `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"RequestId":"Id-1","Response":{"Category":{}},` + member + `}`
}

func TestEveryCallSendsItsDocumentedRequest(t *testing.T) {
	ctx := t.Context()
	cases := []struct {
		path, answer, body string
		want               any
		call               func(*liveapi.Client) (any, error)
	}{
		{"/v4/live_engine_http_srv/create_room", okWith(`{"RoomId":"r1"}`),
			`{"RoomInfo":{"RoomId":"r1","RoomType":"Live","IsPublicVisible":false,"Category":[1]}}`, "r1",
			func(c *liveapi.Client) (any, error) {
				return c.CreateRoom(ctx, liveapi.NewRoom{RoomID: "r1", IsPublicVisible: new(false), Category: []int64{1}})
			}},
		{"/v4/live_engine_http_srv/destroy_room", okWith(`{"Statistic":{"TotalViewers":7}}`),
			`{"RoomId":"r1"}`, liveapi.Statistic{TotalViewers: 7},
			func(c *liveapi.Client) (any, error) { return c.DestroyRoom(ctx, "r1") }},
		{"/v4/live_engine_http_srv/update_room_info", okEnvelope,
			`{"RoomInfo":{"RoomId":"r1","IsMessageDisabled":false,"Category":[],"Notice":""}}`, nil,
			func(c *liveapi.Client) (any, error) {
				return nil, c.UpdateRoomInfo(ctx, liveapi.RoomUpdate{
					RoomID: "r1", IsMessageDisabled: new(false), Notice: new(""), Category: []int64{}})
			}},
		{"/v4/live_engine_http_srv/get_room_info", okWith(`{"RoomInfo":{"RoomId":"r1","CreateTime":1693271354}}`),
			`{"RoomId":"r1"}`, liveapi.RoomInfo{RoomID: "r1", CreateTime: 1693271354},
			func(c *liveapi.Client) (any, error) { return c.GetRoomInfo(ctx, "r1") }},
		{"/v4/live_engine_http_srv/get_room_list", okWith(`{"Next":"1-r1","RoomList":[{"RoomId":"r1"}]}`),
			`{"Next":"","Count":1}`, liveapi.GetRoomListResponse{Next: "1-r1", RoomList: []liveapi.ListedRoom{{RoomID: "r1"}}},
			func(c *liveapi.Client) (any, error) { return c.GetRoomList(ctx, liveapi.GetRoomListRequest{Count: 1}) }},
		{"/v4/live_engine_http_srv/modify_admin", okEnvelope,
			`{"RoomId":"r1","Admin_Account":["a","b"],"OpType":"add"}`, nil,
			func(c *liveapi.Client) (any, error) { return nil, c.AddAdmin(ctx, "r1", "a", "b") }},
		{"/v4/live_engine_http_srv/modify_admin", okEnvelope,
			`{"RoomId":"r1","Admin_Account":["a"],"OpType":"delete"}`, nil,
			func(c *liveapi.Client) (any, error) { return nil, c.DeleteAdmin(ctx, "r1", "a") }},
		{"/v4/live_engine_http_pk/create_battle", okWith(`{"BattleId":"b","Result":[{"RoomId":"r2","ResultCode":3,"ResultMessage":"m"}]}`),
			`{"FromRoomId":"r1","ToRoomIdList":["r2"],"Duration":60000,"ExtensionInfo":"x"}`,
			liveapi.CreateBattleResponse{BattleID: "b", Result: []liveapi.BattleResult{{RoomID: "r2", ResultCode: 3, ResultMessage: "m"}}},
			func(c *liveapi.Client) (any, error) {
				return c.CreateBattle(ctx, liveapi.CreateBattleRequest{
					FromRoomID: "r1", ToRoomIDList: []string{"r2"}, Duration: 60_000, ExtensionInfo: "x"})
			}},
		{"/v4/live_engine_http_pk/set_battle_score", okWith(`{"Result":[{"RoomId":"r1","ResultCode":1}]}`),
			`{"BattleId":"b","OpType":2,"ScoreList":[{"RoomId":"r1","Score":-5}]}`, []liveapi.ScoreResult{{RoomID: "r1", ResultCode: 1}},
			func(c *liveapi.Client) (any, error) {
				return c.SetBattleScore(ctx, liveapi.SetBattleScoreRequest{
					BattleID: "b", OpType: liveapi.ScoreOverwrite, ScoreList: []liveapi.RoomScore{{RoomID: "r1", Score: -5}}})
			}},
		{"/v4/live_engine_http_pk/get_battle_info", okWith(`{"BattleId":"b","Duration":60000,"StartTime":1,"EndTime":61,"Status":3,
			"FromRoomInfo":{"RoomId":"r1","Score":5,"Owner_Account":"o"},"ToRoomList":[{"RoomId":"r2"}]}`),
			`{"BattleId":"b"}`, liveapi.GetBattleInfoResponse{
				BattleID: "b", Duration: 60_000, StartTime: 1, EndTime: 61, Status: liveapi.BattleEnded,
				FromRoomInfo: liveapi.BattleRoom{RoomID: "r1", Score: 5, OwnerAccount: "o"}, ToRoomList: []liveapi.BattleRoom{{RoomID: "r2"}}},
			func(c *liveapi.Client) (any, error) {
				return c.GetBattleInfo(ctx, liveapi.GetBattleInfoRequest{BattleID: "b"})
			}},
		{"/v4/room_engine_http_mic/get_seat_list", okWith(`{"SeatList":[{"Index":1,"Member_Account":"a","IsTakenDisabled":true}]}`),
			`{"RoomId":"r1"}`, []liveapi.Seat{{Index: 1, MemberAccount: "a", IsTakenDisabled: true}},
			func(c *liveapi.Client) (any, error) { return c.GetSeatList(ctx, "r1") }},
		{"/v4/room_engine_http_mic/pick_user_on_seat", okEnvelope, `{"RoomId":"r1","Member_Account":"a","Index":0}`, nil,
			func(c *liveapi.Client) (any, error) { return nil, c.PickUserOnSeat(ctx, "r1", "a", 0) }},
		{"/v4/room_engine_http_mic/kick_user_off_seat", okEnvelope, `{"RoomId":"r1","Member_Account":"a","Data":""}`, nil,
			func(c *liveapi.Client) (any, error) { return nil, c.KickUserOffSeat(ctx, "r1", "a", "") }},
		{"/v4/room_engine_http_mic/lock_seat", okEnvelope, `{"RoomId":"r1","Index":1,"ForbidTaken":false}`, nil,
			func(c *liveapi.Client) (any, error) {
				return nil, c.LockSeat(ctx, liveapi.LockSeatRequest{RoomID: "r1", Index: 1, ForbidTaken: new(false)})
			}},
		{"/v4/room_engine_http_mic/move_user_to_seat", okEnvelope, `{"RoomId":"r1","SeatIndex":2,"Member_Account":"a","Policy":0}`, nil,
			func(c *liveapi.Client) (any, error) {
				return nil, c.MoveUserToSeat(ctx, liveapi.MoveUserToSeatRequest{RoomID: "r1", SeatIndex: 2, MemberAccount: "a"})
			}},
		{"/v4/room_engine_http_mic/switch_seat", okEnvelope, `{"RoomId":"r1","ToIndex":3,"Member_Account":"a"}`, nil,
			func(c *liveapi.Client) (any, error) { return nil, c.SwitchSeat(ctx, "r1", "a", 3) }},
		{"/v4/live_engine_http_srv/get_admin_list", okWith(`{"Admin_Account":["a"]}`),
			`{"RoomId":"r1"}`, []string{"a"},
			func(c *liveapi.Client) (any, error) { return c.GetAdminList(ctx, "r1") }},
		{"/v4/live_engine_http_srv/change_room_owner", okEnvelope,
			`{"RoomId":"r1","NewOwner_Account":"a"}`, nil,
			func(c *liveapi.Client) (any, error) { return nil, c.ChangeRoomOwner(ctx, "r1", "a") }},
		{"/v4/live_engine_http_srv/set_room_metadata", okEnvelope,
			`{"RoomId":"r1","Metadata":[{"Key":"a","Value":""}]}`, nil,
			func(c *liveapi.Client) (any, error) {
				return nil, c.SetRoomMetadata(ctx, "r1", liveapi.MetadataEntry{Key: "a"})
			}},
		{"/v4/live_engine_http_srv/get_room_metadata", okWith(`{"Metadata":[{"Key":"a","Value":"1"}]}`),
			`{"RoomId":"r1","Keys":[]}`, []liveapi.MetadataEntry{{Key: "a", Value: "1"}},
			func(c *liveapi.Client) (any, error) { return c.GetRoomMetadata(ctx, "r1") }},
		{"/v4/live_engine_http_srv/get_room_metadata", okWith(`{"Metadata":[]}`),
			`{"RoomId":"r1","Keys":["a"]}`, []liveapi.MetadataEntry{},
			func(c *liveapi.Client) (any, error) { return c.GetRoomMetadata(ctx, "r1", "a") }},
		{"/v4/live_engine_http_srv/del_room_metadata", okEnvelope, `{"RoomId":"r1","Keys":["a","b"]}`, nil,
			func(c *liveapi.Client) (any, error) { return nil, c.DelRoomMetadata(ctx, "r1", "a", "b") }},
		{"/v4/live_engine_http_srv/get_room_stats", okWith(`{"TotalViewers":1024,"TotalMsgCount":450}`),
			`{"RoomId":"r1"}`, liveapi.RoomStats{TotalViewers: 1024, TotalMsgCount: 450},
			func(c *liveapi.Client) (any, error) { return c.GetRoomStats(ctx, "r1") }},
		{"/v4/live_engine_http_srv/set_mix_stream", okEnvelope,
			`{"RoomId":"mix1","LayoutMode":0,"VideoEncode":{"Width":720,"Height":1280}}`, nil,
			func(c *liveapi.Client) (any, error) {
				return nil, c.SetMixStream(ctx, liveapi.SetMixStreamRequest{
					RoomID: "mix1", LayoutMode: liveapi.LayoutGrid, VideoEncode: &liveapi.VideoEncode{Width: 720, Height: 1280}})
			}},
		{"/v4/live_engine_http_srv/resume_mcu_task", okEnvelope, `{"RoomId":"mix1"}`, nil,
			func(c *liveapi.Client) (any, error) { return nil, c.ResumeMCUTask(ctx, "mix1") }},
		{"/v4/live_engine_http_srv/add_gift", okEnvelope, `{"GiftId":"g","Coins":0,"DefaultName":"n"}`, nil,
			func(c *liveapi.Client) (any, error) {
				return nil, c.AddGift(ctx, liveapi.Gift{GiftID: "g", DefaultName: "n"})
			}},
		{"/v4/live_engine_http_srv/edit_gift", okEnvelope, `{"GiftId":"g","Coins":0}`, nil,
			func(c *liveapi.Client) (any, error) {
				return nil, c.EditGift(ctx, liveapi.GiftEdit{GiftID: "g", Coins: new(int64(0))})
			}},
		{"/v4/live_engine_http_srv/get_gift", okBeside(`"GiftInfo":{"GiftId":"g","Coins":10}`),
			`{"GiftId":"g"}`, liveapi.GiftInfo{GiftID: "g", Coins: 10},
			func(c *liveapi.Client) (any, error) { return c.GetGift(ctx, "g") }},
		{"/v4/live_engine_http_srv/del_gift", okEnvelope, `{"GiftId":"g"}`, nil,
			func(c *liveapi.Client) (any, error) { return nil, c.DelGift(ctx, "g") }},
		{"/v4/live_engine_http_srv/get_gift_info_list", okWith(`{"GiftList":[{"GiftId":"g"}],"TotalCount":1}`), `{}`,
			liveapi.GetGiftInfoListResponse{GiftList: []liveapi.ListedGift{{GiftID: "g"}}, TotalCount: 1},
			func(c *liveapi.Client) (any, error) { return c.GetGiftInfoList(ctx) }},
		{"/v4/live_engine_http_srv/add_gift_category", okEnvelope, `{"CategoryId":"c","DefaultName":"n"}`, nil,
			func(c *liveapi.Client) (any, error) {
				return nil, c.AddGiftCategory(ctx, liveapi.GiftCategory{CategoryID: "c", DefaultName: "n"})
			}},
		{"/v4/live_engine_http_srv/edit_gift_category", okEnvelope, `{"CategoryId":"c","DefaultDesc":""}`, nil,
			func(c *liveapi.Client) (any, error) {
				return nil, c.EditGiftCategory(ctx, liveapi.GiftCategoryEdit{CategoryID: "c", DefaultDesc: new("")})
			}},
		{"/v4/live_engine_http_srv/get_gift_category", okBeside(`"GiftCategoryInfo":{"CategoryId":"c","DefaultName":"n"}`),
			`{"CategoryId":"c"}`, liveapi.GiftCategoryInfo{CategoryID: "c", DefaultName: "n"},
			func(c *liveapi.Client) (any, error) { return c.GetGiftCategory(ctx, "c") }},
		{"/v4/live_engine_http_srv/del_gift_category", okEnvelope, `{"CategoryId":"c"}`, nil,
			func(c *liveapi.Client) (any, error) { return nil, c.DelGiftCategory(ctx, "c") }},
		{"/v4/live_engine_http_srv/add_gift_category_relations", okBeside(`"InvalidGiftIdList":["x"]`),
			`{"CategoryId":"c","GiftIdList":["g","x"]}`, []string{"x"},
			func(c *liveapi.Client) (any, error) { return c.AddGiftCategoryRelations(ctx, "c", "g", "x") }},
		{"/v4/live_engine_http_srv/get_gift_category_relations", okBeside(`"Relation":{"CategoryId":"c","GiftIdList":["g"]}`),
			`{"CategoryId":"c"}`, []string{"g"},
			func(c *liveapi.Client) (any, error) { return c.GetGiftCategoryRelations(ctx, "c") }},
		{"/v4/live_engine_http_srv/del_gift_category_relations", okEnvelope, `{"CategoryId":"c","GiftIdList":["g"]}`, nil,
			func(c *liveapi.Client) (any, error) { return nil, c.DelGiftCategoryRelations(ctx, "c", "g") }},
		{"/v4/live_engine_http_srv/set_gift_language", okEnvelope, `{"GiftId":"g","Language":"en","Name":"n"}`, nil,
			func(c *liveapi.Client) (any, error) {
				return nil, c.SetGiftLanguage(ctx, liveapi.SetGiftLanguageRequest{
					GiftID: "g", Language: liveapi.LanguageEnglish, Name: new("n")})
			}},
		{"/v4/live_engine_http_srv/get_gift_language", okBeside(`"GiftInfo":{"Name":"n","Desc":"d"}`),
			`{"GiftId":"g","Language":"zh-Hans"}`, liveapi.GiftText{Name: "n", Desc: "d"},
			func(c *liveapi.Client) (any, error) {
				return c.GetGiftLanguage(ctx, "g", liveapi.LanguageSimplifiedChinese)
			}},
		{"/v4/live_engine_http_srv/del_gift_language", okEnvelope, `{"GiftId":"g","Language":"en"}`, nil,
			func(c *liveapi.Client) (any, error) { return nil, c.DelGiftLanguage(ctx, "g", "en") }},
		{"/v4/live_engine_http_srv/set_gift_category_language", okEnvelope,
			`{"CategoryId":"c","Language":"zh-Hant","CategoryDesc":"d"}`, nil,
			func(c *liveapi.Client) (any, error) {
				return nil, c.SetGiftCategoryLanguage(ctx, liveapi.SetGiftCategoryLanguageRequest{
					CategoryID: "c", Language: liveapi.LanguageTraditionalChinese, CategoryDesc: new("d")})
			}},
		{"/v4/live_engine_http_srv/get_gift_category_language", okBeside(`"CategoryInfo":{"CategoryName":"n","CategoryDesc":"d"}`),
			`{"CategoryId":"c","Language":"en"}`, liveapi.GiftCategoryText{CategoryName: "n", CategoryDesc: "d"},
			func(c *liveapi.Client) (any, error) { return c.GetGiftCategoryLanguage(ctx, "c", "en") }},
		{"/v4/live_engine_http_srv/del_gift_category_language", okEnvelope, `{"CategoryId":"c","Language":"en"}`, nil,
			func(c *liveapi.Client) (any, error) { return nil, c.DelGiftCategoryLanguage(ctx, "c", "en") }},
		{"/v4/live_engine_http_srv/send_gift", okEnvelope,
			`{"RoomId":"r1","GiftId":"g","From_Account":"a","ReceiverList_Account":["b"]}`, nil,
			func(c *liveapi.Client) (any, error) {
				return nil, c.SendGift(ctx, liveapi.SendGiftRequest{RoomID: "r1", GiftID: "g", FromAccount: "a", ReceiverAccounts: []string{"b"}})
			}},
		{"/v4/live_engine_http_srv/get_gift_count", okWith(`{"Sequence":1,"TotalCount":2,"TotalCoins":3,"GiftSenderCount":4}`),
			`{"RoomId":"r1","From_Account":"b"}`, liveapi.GiftCount{Sequence: 1, TotalCount: 2, TotalCoins: 3, GiftSenderCount: 4},
			func(c *liveapi.Client) (any, error) { return c.GetGiftCount(ctx, "r1", "b") }},
		{"/v4/live_engine_http_srv/send_text_msg", okWith(`{"MsgTime":1750074420,"MsgSeq":25}`),
			`{"RoomId":"r1","Sender_Account":"a","TextContent":"t"}`, liveapi.SendMsgResponse{MsgTime: 1750074420, MsgSeq: 25},
			func(c *liveapi.Client) (any, error) {
				return c.SendTextMsg(ctx, liveapi.SendTextMsgRequest{RoomID: "r1", SenderAccount: "a", TextContent: "t"})
			}},
		{"/v4/live_engine_http_srv/send_custom_msg", okWith(`{"MsgTime":1750074420,"MsgSeq":0,"MsgDropReason":"BeforeSendMsg"}`),
			`{"RoomId":"r1","BusinessId":"b","Data":"d"}`, liveapi.SendMsgResponse{MsgTime: 1750074420, MsgDropReason: "BeforeSendMsg"},
			func(c *liveapi.Client) (any, error) {
				return c.SendCustomMsg(ctx, liveapi.SendCustomMsgRequest{RoomID: "r1", BusinessID: "b", Data: "d"})
			}},
		{"/v4/group_open_http_svc/send_group_msg", strings.TrimSuffix(okEnvelope, "}") + `,"MsgTime":1750074420,"MsgSeq":25}`,
			`{"GroupId":"r1","From_Account":"a","Random":7,"MsgBody":[{"MsgType":"t","MsgContent":{}}]}`,
			liveapi.SendMsgResponse{MsgTime: 1750074420, MsgSeq: 25},
			func(c *liveapi.Client) (any, error) {
				return c.SendGroupMsg(ctx, liveapi.SendGroupMsgRequest{GroupID: "r1", FromAccount: "a", Random: 7,
					MsgBody: []liveapi.MessageElement{{MsgType: "t", MsgContent: []byte(`{}`)}}})
			}},
		{"/v4/live_engine_http_srv/get_member_list", okWith(`{"Next":"x","MemberCount":2,"MemberList":[{"Member_Account":"a"}]}`),
			`{"RoomId":"r1","Next":"w"}`, liveapi.GetMemberListResponse{Next: "x", MemberCount: 2, MemberList: []liveapi.Member{{MemberAccount: "a"}}},
			func(c *liveapi.Client) (any, error) { return c.GetMemberList(ctx, "r1", "w") }},
		{"/v4/live_engine_http_srv/ban_member", okEnvelope,
			`{"RoomId":"r1","MemberList_Account":["a","b"],"Duration":2,"Reason":"x"}`, nil,
			func(c *liveapi.Client) (any, error) {
				return nil, c.BanMember(ctx, "r1", 1001*time.Millisecond, "x", "a", "b")
			}},
		{"/v4/live_engine_http_srv/unban_member", okEnvelope,
			`{"RoomId":"r1","MemberList_Account":["a"]}`, nil,
			func(c *liveapi.Client) (any, error) { return nil, c.UnbanMember(ctx, "r1", "a") }},
		{"/v4/live_engine_http_srv/get_banned_member_list", okWith(`{"BannedAccountList":[{"Member_Account":"a","BannedUntil":5,"Reason":"x"}],"NextOffset":2}`),
			`{"RoomId":"r1","Offset":1,"Limit":1}`,
			liveapi.GetBannedMemberListResponse{NextOffset: 2, BannedAccountList: []liveapi.BannedAccount{{MemberAccount: "a", BannedUntil: 5, Reason: "x"}}},
			func(c *liveapi.Client) (any, error) {
				return c.GetBannedMemberList(ctx, liveapi.GetBannedMemberListRequest{RoomID: "r1", Offset: 1, Limit: 1})
			}},
		{"/v4/live_engine_http_srv/mute_member", okEnvelope,
			`{"RoomId":"r1","MemberList_Account":["a"],"MuteTime":60}`, nil,
			func(c *liveapi.Client) (any, error) { return nil, c.MuteMember(ctx, "r1", time.Minute, "a") }},
		{"/v4/live_engine_http_srv/mute_member", okEnvelope,
			`{"RoomId":"r1","MemberList_Account":["a"],"MuteTime":0}`, nil,
			func(c *liveapi.Client) (any, error) { return nil, c.UnmuteMember(ctx, "r1", "a") }},
		{"/v4/live_engine_http_srv/get_muted_member_list", okWith(`{"MutedAccountList":[{"Member_Account":"a","MutedUntil":5}]}`),
			`{"RoomId":"r1"}`, []liveapi.MutedAccount{{MemberAccount: "a", MutedUntil: 5}},
			func(c *liveapi.Client) (any, error) { return c.GetMutedMemberList(ctx, "r1") }},
		{"/v4/live_engine_http_srv/add_robot", okEnvelope,
			`{"RoomId":"r1","RobotList_Account":["a"]}`, nil,
			func(c *liveapi.Client) (any, error) { return nil, c.AddRobot(ctx, "r1", "a") }},
		{"/v4/live_engine_http_srv/del_robot", okEnvelope,
			`{"RoomId":"r1","RobotList_Account":["a"]}`, nil,
			func(c *liveapi.Client) (any, error) { return nil, c.DelRobot(ctx, "r1", "a") }},
		{"/v4/live_engine_http_srv/get_robot", okWith(`{"RobotList_Account":["a"]}`),
			`{"RoomId":"r1"}`, []string{"a"},
			func(c *liveapi.Client) (any, error) { return c.GetRobot(ctx, "r1") }},
		{"/v4/live_config/set_callback", okEnvelope,
			`{"Url":"https://a","CallbackCommandList":[]}`, nil,
			func(c *liveapi.Client) (any, error) {
				return nil, c.SetCallback(ctx, liveapi.CallbackConfig{URL: "https://a"})
			}},
		{"/v4/live_config/update_callback", okEnvelope,
			`{"Url":"https://a","CallbackCommandList":["x"]}`, nil,
			func(c *liveapi.Client) (any, error) {
				return nil, c.UpdateCallback(ctx, liveapi.CallbackConfig{URL: "https://a", CallbackCommandList: []string{"x"}})
			}},
		{"/v4/live_config/get_callback", okWith(`{"Url":"https://a","CallbackCommandList":["x"]}`),
			`{}`, liveapi.CallbackConfig{URL: "https://a", CallbackCommandList: []string{"x"}},
			func(c *liveapi.Client) (any, error) { return c.GetCallback(ctx) }},
		{"/v4/live_config/delete_callback", okEnvelope, `{}`, nil,
			func(c *liveapi.Client) (any, error) { return nil, c.DeleteCallback(ctx) }},
		{"/v4/live_config/set_callback_token", okEnvelope, `{"IsTokenEnable":false}`, nil,
			func(c *liveapi.Client) (any, error) {
				return nil, c.SetCallbackToken(ctx, liveapi.SetCallbackTokenRequest{IsTokenEnable: new(false)})
			}},
		{"/v4/im_open_login_svc/account_import", okEnvelope, `{"UserID":"a","Nick":""}`, nil,
			func(c *liveapi.Client) (any, error) {
				return nil, c.ImportAccount(ctx, liveapi.ImportAccountRequest{UserID: "a", Nick: new("")})
			}},
		{"/v4/profile/portrait_set", okEnvelope, `{"From_Account":"a","ProfileItem":[{"Tag":"Tag_Profile_IM_Nick","Value":"n"},{"Tag":"t","Value":7}]}`, nil,
			func(c *liveapi.Client) (any, error) {
				return nil, c.SetPortrait(ctx, liveapi.SetPortraitRequest{FromAccount: "a", ProfileItems: []liveapi.ProfileItem{
					{Tag: liveapi.TagNick, Value: "n"}, {Tag: "t", Value: 7}}})
			}},
		{"/v4/profile/portrait_get", okWith(`{"UserProfileItem":[{"To_Account":"a","ProfileItem":[{"Tag":"t","Value":7}]}]}`),
			`{"To_Account":["a"]}`, []liveapi.UserProfile{{ToAccount: "a", ProfileItems: []liveapi.ProfileItem{{Tag: "t", Value: 7.0}}}},
			func(c *liveapi.Client) (any, error) {
				return c.GetPortrait(ctx, liveapi.GetPortraitRequest{ToAccounts: []string{"a"}})
			}},
		{"/v4/live_config/get_callback_token", okWith(`{"Token":"t","IsTokenEnable":true}`),
			`{}`, liveapi.CallbackToken{Token: "t", IsTokenEnable: true},
			func(c *liveapi.Client) (any, error) { return c.GetCallbackToken(ctx) }},
	}
	s := newServer(t)
	client := s.client(t)
	for _, c := range cases {
		t.Run(strings.TrimPrefix(c.path, "/v4/"), func(t *testing.T) {
			s.will(http.StatusOK, c.answer)
			got, err := c.call(client)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]string{c.path, c.body}, []string{s.path, s.body}); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
			if _, err := strconv.ParseUint(strings.Join(s.query["random"], ""), 10, 32); err != nil {
				t.Errorf("random: %v", err)
			}
			delete(s.query, "random")
			want := map[string][]string{
				"sdkappid": {"1400000001"}, "identifier": {"administrator"}, "usersig": {testSig}, "contenttype": {"json"},
			}
			if diff := cmp.Diff(want, s.query); diff != "" {
				t.Errorf("query (-want +got):\n%s", diff)
			}
		})
	}
	if got := len(s.connections); got != 1 {
		t.Errorf("the calls took %d connections, want 1", got)
	}
}

func TestRefusalIsAnErrorWithItsCode(t *testing.T) {
	s := newServer(t)
	s.will(http.StatusOK, `{"ActionStatus":"FAIL","ErrorInfo":"there is no room","ErrorCode":100004,"RequestId":"Id-2"}`)
	_, err := s.client(t).GetRoomInfo(t.Context(), "r1")
	var got *liveapi.Error
	if !errors.As(err, &got) {
		t.Fatalf("got %v, want a *liveapi.Error", err)
	}
	if diff := cmp.Diff(&liveapi.Error{Code: liveapi.CodeRoomNotFound, Info: "there is no room", RequestID: "Id-2"}, got); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
}

func TestWhatIsNoAnswerIsAnError(t *testing.T) {
	cases := []struct {
		name   string
		status int
		answer string
		want   string
	}{
		{"a proxy's page", http.StatusBadGateway, "<html>" + testSig, "HTTP 502"},
		{"nothing", http.StatusOK, "", "HTTP 200"},
		{"no ErrorCode", http.StatusOK, `{"ActionStatus":"OK"}`, "not one of the REST API"},
		{"ErrorCode as text", http.StatusOK, `{"ErrorCode":"0"}`, "not one of the REST API"},
		{"no Response", http.StatusOK, okEnvelope, "no Response"},
		{"Response of another type", http.StatusOK, okWith(`[]`), "Response"},
		{"endless", http.StatusOK, strings.Repeat(" ", 1<<20) + okEnvelope, "longer than"},
		{"a redirect", http.StatusTemporaryRedirect, "", "HTTP 307"},
	}
	s := newServer(t)
	client := s.client(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s.will(c.status, c.answer)
			_, err := client.GetRoomInfo(t.Context(), "r1")
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), testSig) {
				t.Errorf("got %v, want an error with %q and without the UserSig", err, c.want)
			}
			if s.path != "/v4/live_engine_http_srv/get_room_info" {
				t.Errorf("the client went on to %s", s.path)
			}
		})
	}
}

func TestErrorsOfTheNetworkHaveNoUserSig(t *testing.T) {
	s := newServer(t)
	client := s.client(t)
	s.Close()
	err := client.DeleteCallback(t.Context())
	if err == nil || strings.Contains(err.Error(), "usersig") || strings.Contains(err.Error(), testSig[:8]) {
		t.Errorf("got %v, want an error without the query", err)
	}
}

// silent is a server that never answers.
type silent struct{}

func (silent) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, context.Cause(r.Context())
}

func TestCallEndsWithItsTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		given := &http.Client{Transport: silent{}}
		client, err := liveapi.NewClient(liveapi.Options{
			BaseURL: "http://callboard.example", SDKAppID: 1, Identifier: "a", UserSig: testSig, HTTPClient: given,
		})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		err = client.DeleteCallback(t.Context())
		if !errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), testSig[:8]) {
			t.Errorf("got %v, want a deadline without the UserSig", err)
		}
		if got := time.Since(start); got != liveapi.DefaultTimeout {
			t.Errorf("the call took %v, want %v", got, liveapi.DefaultTimeout)
		}
		if given.Timeout != 0 || given.CheckRedirect != nil {
			t.Error("the http.Client that was passed in was changed")
		}
	})
}

func TestSignIsAskedForEachCall(t *testing.T) {
	s := newServer(t)
	s.will(http.StatusOK, okEnvelope)
	calls := 0
	client, err := liveapi.NewClient(liveapi.Options{
		BaseURL: s.URL + "/", SDKAppID: 1, Identifier: "a",
		Sign: func() (string, error) {
			if calls++; calls == 3 {
				return "", errors.New("no key")
			}
			return "sig" + strconv.Itoa(calls), nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"sig1", "sig2"} {
		if err := client.DeleteCallback(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := s.query["usersig"][0]; got != want {
			t.Errorf("got usersig %q, want %q", got, want)
		}
	}
	if err := client.DeleteCallback(t.Context()); err == nil || !strings.Contains(err.Error(), "no key") {
		t.Errorf("got %v, want the error of Sign", err)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	sign := func() (string, error) { return testSig, nil }
	good := liveapi.Options{BaseURL: "https://a.example/base", SDKAppID: 1, Identifier: "a", UserSig: "x"}
	cases := []struct {
		name string
		bad  func(*liveapi.Options)
		want string
	}{
		{"no BaseURL", func(o *liveapi.Options) { o.BaseURL = "" }, "BaseURL"},
		{"BaseURL without a scheme", func(o *liveapi.Options) { o.BaseURL = "a.example:80" }, "BaseURL"},
		{"BaseURL of another scheme", func(o *liveapi.Options) { o.BaseURL = "ftp://a.example" }, "BaseURL"},
		{"BaseURL with credentials", func(o *liveapi.Options) { o.BaseURL = "http://u:secret@a.example" }, "BaseURL"},
		{"BaseURL with a query", func(o *liveapi.Options) { o.BaseURL = "http://a.example?a=b" }, "BaseURL"},
		{"no SDKAppID", func(o *liveapi.Options) { o.SDKAppID = 0 }, "SDKAppID"},
		{"negative Attempts", func(o *liveapi.Options) { o.Attempts = -1 }, "Attempts"},
		{"no Identifier", func(o *liveapi.Options) { o.Identifier = "" }, "Identifier"},
		{"no signature", func(o *liveapi.Options) { o.UserSig = "" }, "UserSig"},
		{"two signatures", func(o *liveapi.Options) { o.Sign = sign }, "Sign"},
	}
	if _, err := liveapi.NewClient(good); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			opt := good
			c.bad(&opt)
			_, err := liveapi.NewClient(opt)
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "secret") {
				t.Errorf("got %v, want an error that names %s", err, c.want)
			}
		})
	}
}

func TestCodesAreDistinctAndKnowNoSuccess(t *testing.T) {
	seen := map[liveapi.Code]bool{liveapi.CodeOK: true}
	for _, code := range liveapi.Codes() {
		if seen[code] {
			t.Errorf("code %d is listed twice, or is success", code)
		}
		seen[code] = true
	}
}

func TestPayloadThatIsNotAtTheTopLevelIsAnError(t *testing.T) {
	s := newServer(t)
	for _, answer := range []string{okEnvelope, okWith(`{"GiftInfo":{"GiftId":"g"}}`), okBeside(`"GiftInfo":null`), okBeside(`"GiftInfo":[]`)} {
		s.will(http.StatusOK, answer)
		_, err := s.client(t).GetGift(t.Context(), "g")
		if err == nil || !strings.Contains(err.Error(), "GiftInfo") {
			t.Errorf("%s: got %v, want an error that names GiftInfo", answer, err)
		}
	}
}
