package server

// documentedCall is a call of the documented index: where it is described, and how sure that is.
type documentedCall struct {
	path, pages, confidence string
	// perSecond is the documented frequency; 0: 200, that of nearly all.
	perSecond int
}

const (
	srv = "v4/live_engine_http_srv/"
	pk  = "v4/live_engine_http_pk/"
	mic = "v4/room_engine_http_mic/"
)

// documentedCalls are the endpoints of rest-api.md section 11, those of live_config from callbacks.md 5.2, and the neighbours of
// rest-api.md section 10.
var documentedCalls = []documentedCall{
	{srv + "create_room", "63401, 63418, 1071/76885, cn:269/125712", "high for listed fields, medium for the tail", 0},
	{srv + "destroy_room", "63406, 63422, 1071/76889, cn:269/117678", "high", 0},
	{srv + "update_room_info", "63403, 63419, 1071/76886, cn:647/110037", "high", 0},
	{srv + "get_room_info", "63404, 63420", "high", 0},
	{srv + "get_room_list", "63405, 63421, 1071/76888", "high", 10},
	{srv + "get_room_metadata", "64374, cn:269/125717", "high", 0},
	{srv + "set_room_metadata", "64375, 1071/76891, cn:269/117512", "high", 0},
	{srv + "del_room_metadata", "cn:269/117513", "high", 0},
	{srv + "set_mix_stream", "69077, 1071/76893, cn:647/117780", "medium", 20},
	{srv + "resume_mcu_task", "72333, 1071/76894, cn:269/125721", "high", 20},
	{srv + "get_room_stats", "1071/80478, cn:647/132566", "high", 100},
	{srv + "get_room_statistic", "client", "low", 100},
	{srv + "modify_admin", "63411, 63427, 1071/76881, cn:647/110064", "high", 0},
	{srv + "get_admin_list", "63409, 63425", "high", 0},
	{srv + "change_room_owner", "72534, 1071/76884", "medium (error table not seen)", 0},
	{srv + "get_member_list", "66908, 1071/78156", "high", 0},
	{srv + "ban_member", "63407", "high", 0},
	{srv + "unban_member", "63410", "high", 0},
	{srv + "get_banned_member_list", "63424", "high", 0},
	{srv + "mute_member", "cn:647/113835", "high", 0},
	{srv + "get_muted_member_list", "cn:269/117684", "high", 0},
	{srv + "send_text_msg", "cn:269/125771", "medium", 0},
	{srv + "send_custom_msg", "74354, 1071/76843, cn:269/125772", "medium", 0},
	{srv + "add_robot", "69079", "high", 100},
	{srv + "del_robot", "69080", "high", 100},
	{srv + "get_robot", "69081", "high", 100},
	{srv + "add_gift", "72845, 1071/76846, cn:647/121322", "high", 1},
	{srv + "get_gift", "72846, 1071/76847", "high", 1},
	{srv + "del_gift", "client; 72847 by numbering", "low", 1},
	{srv + "edit_gift", "client", "low", 1},
	{srv + "add_gift_category", "72848, 1071/76849", "high", 1},
	{srv + "get_gift_category", "72849, 1071/76850", "high", 1},
	{srv + "del_gift_category", "client; 72850 by numbering", "low", 1},
	{srv + "edit_gift_category", "client", "low", 1},
	{srv + "add_gift_category_relations", "72851, 1071/76852", "high", 1},
	{srv + "del_gift_category_relations", "72852", "high", 1},
	{srv + "get_gift_category_relations", "72853", "high", 1},
	{srv + "set_gift_language", "72854", "high", 1},
	{srv + "get_gift_language", "72855, 1071/76856", "high", 1},
	{srv + "del_gift_language", "72856", "high", 1},
	{srv + "set_gift_category_language", "72857, 1071/76858, cn:647/121325", "high", 1},
	{srv + "get_gift_category_language", "72858", "high", 1},
	{srv + "del_gift_category_language", "72859", "high", 1},
	{srv + "get_gift_info_list", "client", "low", 0}, // no page has a frequency, and the console spares it the pause of the other calls
	{srv + "send_gift", "72556, 1071/76861, cn:647/122443", "high", 0},
	{srv + "get_gift_count", "72557, 1071/76862", "high", 0},
	{pk + "create_battle", "68254", "high", 0},
	{pk + "set_battle_score", "68255, 1071/76867", "high", 0},
	{pk + "get_battle_info", "68256", "high", 0},
	{mic + "get_seat_list", "60719", "high", 0},
	{mic + "pick_user_on_seat", "64428", "high", 0},
	{mic + "kick_user_off_seat", "64429, 60717", "high", 0},
	{mic + "lock_seat", "64430, 60716, 1071/76872", "high", 0},
	{mic + "move_user_to_seat", "72685", "high", 0},
	{mic + "switch_seat", "72552", "high", 0},
	{"v4/live_config/set_callback", "64420 (1071/78178)", "high", 0},
	{"v4/live_config/update_callback", "64419 (cn 269/117540)", "high", 0},
	{"v4/live_config/get_callback", "64418 by elimination (1071/78177 read)", "high", 0},
	{"v4/live_config/delete_callback", "64421", "high", 0},
	{"v4/live_config/set_callback_token", "69528 (1071/78180, cn 647/118333)", "high", 0},
	{"v4/live_config/get_callback_token", "69529 (1071/78181)", "high", 0},
	{"v4/im_open_login_svc/account_import", "client", "low", 0},
	{"v4/profile/portrait_get", "client", "low", 0},
	{"v4/profile/portrait_set", "client", "low", 0},
	{"v4/group_open_http_svc/send_group_msg", "client", "low", 0},
}

// How a callback comes about.
const (
	after    = "after"
	before   = "before, can refuse"
	switched = "switch, never sent"
)

// The lanes of callbacks.
const (
	ofControl  = "the room"
	ofMembers  = "members of the room"
	ofMessages = "messages of the room"
	ofApp      = "the App"
	ofNobody   = "none"
)

// documentedCallback is a command of callbacks.md section 11: what is documented, and what is done.
type documentedCallback struct {
	command, page, confidence, parameters string
	// sent is how many parameters the URL has here.
	sent       int
	kind, lane string
	when       string
	// byHand has no source here.
	byHand bool
}

var documentedCallbacks = []documentedCallback{
	{"Live.CallbackAfterCreateRoom", "64422", "high; `EventTime` place medium", "5", 5, after, ofControl, "a room was created", false},
	{"Live.CallbackAfterDestroyRoom", "64423", "high (real payload seen)", "5", 5, after, ofControl, "a room is gone, by a call or by itself", false},
	{"Live.CallbackAfterUpdateRoomInfo", "67938", "high", "5", 5, after, ofControl, "attributes of a room changed", false},
	{"Live.CallbackAfterSetMetadata", "68222", "high", "5", 5, after, ofControl, "metadata keys were set", false},
	{"Live.CallbackAfterDelMetadata", "68223", "high", "5", 5, after, ofControl, "metadata keys were deleted", false},
	{"Live.CallbackAfterCreateRoomReachingThreshold", "70485", "high; frequency low", "5", 5, after, ofApp,
		"a room was created and the App has 70 % of its `max_rooms` or more: at each creation from there on", false},
	{"Live.CallbackAfterMemberStateChanged", "64424", "high; `Kicked` medium", "3 or 5", 3, after, ofMembers,
		"members came or went; those who did in one commit share one, at most 500", false},
	{"Live.CallbackAfterChangeOwner", "72553", "high", "3", 3, after, ofControl, "a room has another owner", false},
	{"Live.CallbackAfterModifyAdmin", "72554", "high", "3", 3, after, ofControl, "administrators were added or deleted: those whose role really changed", false},
	{"Mic.CallbackAfterSeatInfoChanged", "64425", "high; whole list or delta unknown", "5", 5, after, ofControl, "seats were taken, left, locked or unlocked", false},
	{"Live.CallbackAfterCreateBattle", "68259", "high", "5", 5, after, ofControl, "a battle was created; the lane is that of the room that started it", false},
	{"Live.CallbackAfterStartBattle", "68260", "high", "5", 5, after, ofControl, "a battle began; the lane is that of the room that started it", false},
	{"Live.CallbackAfterEndBattle", "68261", "high", "5", 5, after, ofControl, "a battle ended; the lane is that of the room that started it", false},
	{"Live.CallbackBeforeSendGift", "72210", "high", "5", 5, before, ofNobody,
		"a gift is about to be sent; without an answer within 2 s it is refused", false},
	{"Live.CallbackBeforeCallBackNotBlock", "64413, 72210", "medium", "none", 0, switched, ofNobody,
		"in the list of commands it lets gifts pass when there is no answer", false},
	{"Live.CallbackAfterCloudRecordingChanged", "78428", "high (one ZH page)", "5", 5, after, ofApp, "recordings are not made here", true},
	{"Group.CallbackBeforeSendMsg", "74347", "high", "5", 5, before, ofNobody,
		"a message is about to be sent; it can be refused, dropped or rewritten, and is sent without an answer within 2 s", false},
	{"Group.CallbackAfterSendMsg", "74348", "high", "5", 5, after, ofMessages, "a message was sent", false},
	{"Follow.CallbackAfterFollowAdd", "74356, 70355", "medium", "5", 5, after, ofApp, "nobody follows anybody here", true},
	{"Follow.CallbackAfterFollowDelete", "74357", "high", "5", 5, after, ofApp, "as above", true},
}

// choicesOf names the calls and callbacks that a choice of docs/decisions/0005 is about, by the question, where question and
// choice do not name them by themselves.
var choicesOf = map[string][]string{
	"characters of a RoomId":                                    {srv + "create_room"},
	"`RoomType` absent or not `Live`":                           {srv + "create_room"},
	"`SeatTemplate` absent":                                     {srv + "create_room"},
	"`VideoLandscape4Seat(s)`":                                  {srv + "create_room"},
	"one of `SeatTemplate` and `SeatLayoutTemplateId`":          {srv + "create_room", srv + "get_room_info", srv + "get_room_list"},
	"how many seats a template has":                             {srv + "create_room"},
	"`TakeSeatMode` of a room without seats":                    {srv + "get_room_info"},
	"`MaxMemberCount` absent":                                   {srv + "create_room"},
	"`CustomInfo`":                                              {srv + "create_room", srv + "update_room_info"},
	"room list":                                                 {srv + "get_room_list"},
	"switches of rooms that no call sets":                       {srv + "get_room_info"},
	"frequencies that no page shows":                            nil,
	"query of MemberStateChanged":                               {"Live.CallbackAfterMemberStateChanged"},
	"`RoomInfo` of UpdateRoomInfo":                              {"Live.CallbackAfterUpdateRoomInfo"},
	"owner named in `add`":                                      {srv + "modify_admin"},
	"new owner not in the room":                                 {srv + "change_room_owner"},
	"new owner was an administrator":                            {srv + "change_room_owner"},
	"accounts in the callback":                                  {srv + "modify_admin", "Live.CallbackAfterModifyAdmin"},
	"callback URL":                                              {"v4/live_config/set_callback", "v4/live_config/update_callback"},
	"callback URL with a query":                                 {"v4/live_config/set_callback", "v4/live_config/update_callback"},
	"`RoomInfo` of DestroyRoom":                                 {"Live.CallbackAfterDestroyRoom"},
	"more rooms than `max_rooms`":                               {srv + "create_room"},
	"`EventTime` of CreateRoom":                                 {"Live.CallbackAfterCreateRoom"},
	"creations that report `CurRoomCount`":                      {"Live.CallbackAfterCreateRoomReachingThreshold"},
	"a metadata key that is empty":                              {srv + "set_room_metadata", srv + "del_room_metadata"},
	"a metadata key named twice in one call":                    {srv + "set_room_metadata"},
	"a category that does not exist":                            {srv + "del_gift_category", srv + "edit_gift_category", srv + "get_gift_category", srv + "add_gift_category_relations"},
	"`Desc` of a language in which only `Name` was set":         {srv + "set_gift_language", srv + "get_gift_language"},
	"`ExtensionInfo` of gifts":                                  {srv + "add_gift", srv + "edit_gift"},
	"`Coins`, `Level`":                                          {srv + "add_gift", srv + "edit_gift"},
	"payload of calls about gifts":                              {srv + "get_gift", srv + "get_gift_category", srv + "get_gift_language", srv + "get_gift_category_language", srv + "get_gift_category_relations", srv + "add_gift_category_relations"},
	"`ReceiverList_Account`":                                    {srv + "send_gift"},
	"102001, 102008":                                            {srv + "send_gift"},
	"`TotalGiftsSent`, `TotalGiftCoins`":                        {srv + "get_room_stats", srv + "get_room_statistic", srv + "destroy_room"},
	"coins of a room above 9,007,199,254,740,991":               {srv + "send_gift"},
	"who counts as in the room, for a seat":                     {mic + "pick_user_on_seat", mic + "move_user_to_seat"},
	"somebody with a seat is picked for another":                {mic + "pick_user_on_seat"},
	"moving somebody to the seat on which they sit":             {mic + "move_user_to_seat", mic + "switch_seat"},
	"who leaves the room":                                       {"Mic.CallbackAfterSeatInfoChanged", "Live.CallbackAfterMemberStateChanged"},
	"`ToRoomIdList` as a string":                                {pk + "create_battle"},
	"`FromRoomId` in a battle":                                  {pk + "create_battle"},
	"a room of `ToRoomIdList` that is not there":                {pk + "create_battle"},
	"no room of `ToRoomIdList` can take part":                   {pk + "create_battle"},
	"rooms in a battle, `ExtensionInfo`, a score":               {pk + "create_battle", pk + "set_battle_score"},
	"`ToRoomIdList` and `ToRoomList` of the callbacks":          {"Live.CallbackAfterCreateBattle", "Live.CallbackAfterStartBattle", "Live.CallbackAfterEndBattle"},
	"`Owner_Account` in a battle":                               {"Live.CallbackAfterStartBattle", "Live.CallbackAfterEndBattle", pk + "get_battle_info"},
	"a room that was destroyed, also when it was created again": {pk + "set_battle_score"},
	"the room that started a battle is destroyed":               {"Live.CallbackAfterEndBattle", srv + "destroy_room"},
	"`EndTime`":                                     {"Live.CallbackAfterEndBattle", pk + "get_battle_info"},
	"limits of messages":                            {srv + "send_text_msg", srv + "send_custom_msg", "v4/group_open_http_svc/send_group_msg"},
	"`ExtensionInfo` that is not JSON":              {srv + "send_text_msg"},
	"who sends a message":                           {srv + "send_text_msg", srv + "send_custom_msg", "v4/group_open_http_svc/send_group_msg"},
	"`MsgId`, and `Random` of calls that have none": {"Group.CallbackBeforeSendMsg", "Group.CallbackAfterSendMsg"},
	"`EventTime` of messages":                       {"Group.CallbackBeforeSendMsg", "Group.CallbackAfterSendMsg"},
	"a message that the App backend has dropped":    {srv + "send_text_msg", srv + "send_custom_msg", "Group.CallbackBeforeSendMsg"},
	"an answer to a question":                       {"Group.CallbackBeforeSendMsg", "Live.CallbackBeforeSendGift"},
	"`ErrorCode` of the answer about a message that is neither documented nor 0": {"Group.CallbackBeforeSendMsg"},
	"a replaced message over its limits":                                         {"Group.CallbackBeforeSendMsg"},
	"codes that an App backend chooses outside of its range":                     {"Group.CallbackBeforeSendMsg", "Live.CallbackBeforeSendGift"},
	"`Live.CallbackBeforeCallBackNotBlock`":                                      {"Live.CallbackBeforeCallBackNotBlock"},
	"`OnlineCount`, `Popularity` of a room":                                      {srv + "get_room_info", srv + "get_room_list"},
	"`LifetimeAfterNoUsers`, `LifetimeAfterOwnerLeave`":                          {srv + "get_room_info"},
	"ban of the owner, mute of the owner":                                        {srv + "ban_member", srv + "mute_member", srv + "change_room_owner"},
	"ban of an administrator":                                                    {srv + "ban_member", "Live.CallbackAfterModifyAdmin"},
	"ban of a member":                                                            {srv + "ban_member", "Live.CallbackAfterMemberStateChanged"},
	"`Duration` of a ban":                                                        {srv + "ban_member"},
	"muted administrator":                                                        {srv + "mute_member", srv + "send_text_msg"},
	"a fourth robot":                                                             {srv + "add_robot"},
	"robots in `RoomInfo` of callbacks":                                          {srv + "add_robot", "Live.CallbackAfterCreateRoom"},
	"room that was never entered":                                                {"Live.CallbackAfterDestroyRoom"},
	"time of an empty room whose last robot goes":                                {srv + "del_robot", "Live.CallbackAfterDestroyRoom"},
	"heartbeat of the owner":                                                     {"Live.CallbackAfterMemberStateChanged", "Live.CallbackAfterDestroyRoom"},
}
