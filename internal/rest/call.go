package rest

import (
	"context"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/liveapi"
)

// calls is the table of the API.
func calls() []call {
	const room, config = liveapi.ServiceLive, liveapi.ServiceConfig
	const battle, seat = liveapi.ServiceBattle, liveapi.ServiceSeat
	const login, profile = liveapi.ServiceLogin, liveapi.ServiceProfile
	return []call{
		{room, "create_room", change(createRoomFields, createRoomAnswer)},
		{room, "destroy_room", change(destroyRoomFields, destroyRoomAnswer)},
		{room, "update_room_info", change(updateRoomFields, nil)},
		{room, "get_room_info", read(roomFields, getRoomInfo)},
		{room, "get_room_list", read(roomListFields, getRoomList)},
		{room, "modify_admin", change(modifyAdminFields, nil)},
		{room, "get_admin_list", read(roomFields, getAdminList)},
		{room, "change_room_owner", change(changeOwnerFields, nil)},
		{room, "set_room_metadata", change(setMetadataFields, nil)},
		{room, "get_room_metadata", read(getMetadataFields, getMetadata)},
		{room, "del_room_metadata", change(delMetadataFields, nil)},
		{room, "get_room_stats", read(roomFields, getRoomStats)},
		{room, "get_room_statistic", read(roomFields, getRoomStats)},
		{room, "set_mix_stream", change(setMixFields, nil)},
		{room, "resume_mcu_task", change(resumeMixFields, nil)},
		{room, "add_gift", change(addGiftFields, nil)},
		{room, "edit_gift", change(editGiftFields, nil)},
		{room, "get_gift", read(giftFields, getGift)},
		{room, "get_gift_info_list", read(noFields, getGiftInfoList)},
		{room, "add_gift_category", change(addCategoryFields, nil)},
		{room, "edit_gift_category", change(editCategoryFields, nil)},
		{room, "get_gift_category", read(categoryFields, getCategory)},
		{room, "add_gift_category_relations", change(addRelationsFields, addRelationsAnswer)},
		{room, "get_gift_category_relations", read(categoryFields, getRelations)},
		{room, "del_gift_category_relations", change(deleteRelationsFields, nil)},
		{room, "set_gift_language", change(setGiftLanguageFields, nil)},
		{room, "get_gift_language", read(giftLanguageFields, getGiftLanguage)},
		{room, "del_gift_language", change(deleteGiftLanguageFields, nil)},
		{room, "set_gift_category_language", change(setCategoryLanguageFields, nil)},
		{room, "get_gift_category_language", read(categoryLanguageFields, getCategoryLanguage)},
		{room, "del_gift_category_language", change(deleteCategoryLanguageFields, nil)},
		{room, "send_gift", change(sendGiftFields, nil)},
		{room, "get_gift_count", read(giftCountFields, getGiftCount)},
		{room, "del_gift", change(deleteGiftFields, nil)},
		{room, "del_gift_category", change(deleteCategoryFields, nil)},
		{battle, "create_battle", endpoint{func() []field { return createBattleFields(new(live.CreateBattle)) }, createBattle}},
		{battle, "set_battle_score", change(setBattleScoreFields, setBattleScoreAnswer)},
		{battle, "get_battle_info", read(getBattleInfoFields, getBattleInfo)},
		{seat, "get_seat_list", read(roomFields, getSeatList)},
		{seat, "pick_user_on_seat", change(pickOnSeatFields, nil)},
		{seat, "kick_user_off_seat", change(kickOffSeatFields, nil)},
		{seat, "lock_seat", change(lockSeatFields, nil)},
		{seat, "move_user_to_seat", change(moveToSeatFields, nil)},
		{seat, "switch_seat", change(switchSeatFields, nil)},
		{room, "send_text_msg", change(sendTextFields, sendTextAnswer)},
		{room, "send_custom_msg", change(sendCustomFields, sendCustomAnswer)},
		{liveapi.ServiceGroup, "send_group_msg", change(sendGroupMessageFields, sendGroupMessageAnswer)},
		{room, "get_member_list", read(memberListFields, getMemberList)},
		{room, "ban_member", change(banMemberFields, nil)},
		{room, "unban_member", change(unbanMemberFields, nil)},
		{room, "get_banned_member_list", read(bannedListFields, getBannedMemberList)},
		{room, "mute_member", change(muteMemberFields, nil)},
		{room, "get_muted_member_list", read(roomFields, getMutedMemberList)},
		{room, "add_robot", change(addRobotFields, nil)},
		{room, "del_robot", change(delRobotFields, nil)},
		{room, "get_robot", read(roomFields, getRobot)},
		{config, "set_callback", change(setCallbackFields, setCallbackAnswer)},
		{config, "update_callback", change(updateCallbackFields, updateCallbackAnswer)},
		{config, "get_callback", read(noFields, getCallback)},
		{config, "delete_callback", change(noFields[live.DeleteCallback], nil)},
		{config, "set_callback_token", change(setTokenFields, nil)},
		{config, "get_callback_token", read(noFields, getCallbackToken)},
		{login, "account_import", change(importAccountFields, nil)},
		{profile, "portrait_set", change(setPortraitFields, nil)},
		{profile, "portrait_get", read(getPortraitFields, getPortrait)},
	}
}

// call is one command of the API at /v4/<service>/<command>.
type call struct {
	service, command string
	endpoint
}

func (c *call) path() string { return "/v4/" + c.service + "/" + c.command }

func byPath(list []call) map[string]*call {
	paths := make(map[string]*call, len(list))
	for i := range list {
		paths[list[i].path()] = &list[i]
	}
	return paths
}

// endpoint is what a call takes and does.
type endpoint struct {
	// fields describes the request.
	fields func() []field
	// run decodes the body and returns the payload of the answer, nil for none. An error that is no *live.Error is
	// answered 100001.
	run func(ctx context.Context, h *Handler, r *request) (any, error)
}

// change makes an endpoint that hands a command to the engine. fields says how a request fills the command; answer
// makes the payload of what was done, nil when there is none.
func change[C live.Command](fields func(*C) []field, answer func(*Handler, *request, C, live.Outcome) any) endpoint {
	return endpoint{
		fields: func() []field { return fields(new(C)) },
		run: func(ctx context.Context, h *Handler, r *request) (any, error) {
			var command C
			if err := decode(r.body, fields(&command)); err != nil {
				return nil, err
			}
			if err := h.pacer.admitCommand(r.app, command, h.now()); err != nil {
				return nil, err
			}
			out, err := h.engine.Do(ctx, r.app.ID, r.actor(), command)
			if err != nil || answer == nil {
				return nil, err
			}
			return answer(h, r, command, out), nil
		},
	}
}

// read makes an endpoint that answers from committed state. fields says how a request fills the question.
func read[Q any](fields func(*Q) []field, answer func(context.Context, *Handler, *request, Q) (any, error)) endpoint {
	return endpoint{
		fields: func() []field { return fields(new(Q)) },
		run: func(ctx context.Context, h *Handler, r *request) (any, error) {
			var question Q
			if err := decode(r.body, fields(&question)); err != nil {
				return nil, err
			}
			return answer(ctx, h, r, question)
		},
	}
}

// nothing is asked by calls that take an empty object.
type nothing struct{}

func noFields[T any](*T) []field { return nil }

// Commands lists the names of all calls, in the order of the table.
func Commands() []string {
	var names []string
	for _, c := range calls() {
		names = append(names, c.command)
	}
	return names
}
