package rest

import (
	"strings"
	"testing"
)

// A console sends fewer fields than the tables have, empty ones where it has nothing to say, and some that no table has. Spec: accounts
// and clients 2, and what REST 2 to 6 say of the client.
func TestConsoleIsUnderstood(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct{ command, body, has string }{
		{"get_room_list", `{"Next":"0","Count":20}`, `"Next":"","RoomList":[]`},
		{"create_room", `{"RoomInfo":{"RoomId":"live_anna","RoomType":"Live","SeatTemplate":"VideoDynamicGrid9Seats","Owner_Account":"anna",
			"IsUnlimitedRoomEnabled":true,"TakeSeatMode":"ApplyToTake","KeepOwnerOnSeat":false}}`, `"RoomId":"live_anna"`},
		{"get_room_info", `{"RoomId":"live_anna"}`, `"SeatLayoutTemplateId":600,"SeatTemplate":"VideoDynamicGrid9Seats"`},
		{"get_room_metadata", `{"RoomId":"live_anna","Keys":[]}`, `"Metadata":[]`},
		{"get_room_list", `{"Next":"","Count":20,"SortDirection":"descend"}`, `"SeatLayoutTemplateId":600`},
		{"update_room_info", `{"RoomInfo":{"RoomId":"live_anna","IsUnlimitedRoomEnabled":true,"RoomName":"Evening","CoverURL":""}}`, ""},
		{"update_room_info", `{"RoomInfo":{"RoomId":"live_anna","IsMessageDisabled":false,"IsUnlimitedRoomEnabled":true}}`, ""},
		{"get_room_statistic", `{"RoomId":"live_anna"}`, `"TotalMsgCount":0`},

		{"modify_admin", `{"RoomId":"live_anna","Admin_Account":["desk_1"],"OpType":"delete"}`, ""},
		{"modify_admin", `{"RoomId":"live_anna","Admin_Account":["desk_2"],"OpType":"add"}`, ""},
		{"modify_admin", `{"RoomId":"live_anna","Admin_Account":["desk_2"],"OpType":"add"}`, ""},
		{"get_admin_list", `{"RoomId":"live_anna"}`, `"Admin_Account":["desk_2"]`},

		{"account_import", `{"UserID":"anna_obs","Nick":"","FaceUrl":""}`, ""},
		{"portrait_get", `{"To_Account":["anna"],"TagList":["Tag_Profile_IM_Nick","Tag_Profile_IM_Image"]}`, `"ProfileItem":[]`},
		{"get_robot", `{"RoomId":"live_anna"}`, `"RobotList_Account":[]`},
		{"add_robot", `{"RoomId":"live_anna","RobotList_Account":["anna_obs"]}`, ""},
		{"get_seat_list", `{"RoomId":"live_anna"}`, `{"Index":8,"IsTakenDisabled":false`},
		{"pick_user_on_seat", `{"RoomId":"live_anna","Member_Account":"anna_obs","Index":0}`, ""},
		{"resume_mcu_task", `{"RoomId":"live_anna"}`, ""},
		{"kick_user_off_seat", `{"RoomId":"live_anna","Member_Account":"anna_obs"}`, ""},
		{"del_robot", `{"RoomId":"live_anna","RobotList_Account":["anna_obs"]}`, ""},

		{"mute_member", `{"RoomId":"live_anna","MemberList_Account":["guest"],"MuteTime":600}`, ""},
		{"get_muted_member_list", `{"RoomId":"live_anna","Offset":0,"Limit":20}`, `"Member_Account":"guest"`},
		{"mute_member", `{"RoomId":"live_anna","MemberList_Account":["guest"],"MuteTime":0}`, ""},
		{"get_muted_member_list", `{"RoomId":"live_anna"}`, `"MutedAccountList":[]`},
		{"ban_member", `{"RoomId":"live_anna","MemberList_Account":["guest"],"Duration":86400,"Reason":""}`, ""},
		{"get_banned_member_list", `{"RoomId":"live_anna","Next":"","Count":20}`, `"Member_Account":"guest"`},
		{"unban_member", `{"RoomId":"live_anna","MemberList_Account":["guest"]}`, ""},
		{"get_banned_member_list", `{"RoomId":"live_anna"}`, `"BannedAccountList":[],"NextOffset":0`},
		{"send_text_msg", `{"RoomId":"live_anna","Sender_Account":"administrator","TextContent":"hello","MsgPriority":"Normal"}`, `"MsgSeq":1`},
		{"send_custom_msg", `{"RoomId":"live_anna","Sender_Account":"administrator","BusinessId":"warning","Data":"{\"version\":\"1.0\"}"}`, `"MsgSeq":2`},

		{"get_gift_info_list", `{"Language":"zh"}`, `"GiftList":[],"CategoryList":[],"TotalCount":0`},
		{"add_gift", `{"GiftId":"rose","IconUrl":"","ResourceUrl":"","Coins":0,"Level":0,"ExtensionInfo":"","DefaultName":"Rose","DefaultDesc":""}`, ""},
		{"edit_gift", `{"GiftId":"rose","ExtensionInfo":"{\"enabled\":true}"}`, ""},
		{"add_gift_category", `{"CategoryId":"new","DefaultName":"New","ExtensionInfo":"[1]"}`, ""},
		{"add_gift_category_relations", `{"CategoryId":"new","GiftIdList":["rose"]}`, `"InvalidGiftIdList":[]`},
		{"set_gift_language", `{"GiftId":"rose","Language":"zh-Hans","Name":"r","Desc":""}`, ""},
		{"set_gift_category_language", `{"CategoryId":"new","Language":"zh-Hant","CategoryName":"n","CategoryDesc":""}`, ""},
		{"get_gift_info_list", `{"Language":"zh"}`, `"Name":"Rose","Desc":"","IconUrl":"","ResourceUrl":"","Coins":0,"Level":0,"ExtensionInfo":"{\"enabled\":true}"`},
		{"get_gift_info_list", `{}`, `"CategoryExtension":"[1]"`},
		{"get_gift_language", `{"GiftId":"rose","Language":"zh-Hans"}`, `"Language":{"Name":"r","Desc":""}`},
		{"edit_gift_category", `{"CategoryId":"new","DefaultName":"Newer","DefaultDesc":"","ExtensionInfo":""}`, ""},
		{"del_gift_category_relations", `{"CategoryId":"new","GiftIdList":["rose"]}`, ""},
		{"get_gift_info_list", `{}`, `"CategoryName":"Newer","CategoryDesc":"","GiftIdList":[]`},
		{"del_gift_category", `{"CategoryId":"new"}`, ""},
		{"del_gift", `{"GiftId":"rose"}`, ""},
		{"destroy_room", `{"RoomId":"live_anna"}`, `"TotalViewers":0`},
	} {
		if got := w.ok(c.command, c.body); !strings.Contains(got, c.has) || c.has == "" && got != "" {
			t.Errorf("%s %s: got Response %s, want %s in it", c.command, c.body, got, c.has)
		}
	}
}
