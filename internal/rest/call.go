package rest

import (
	"context"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/liveapi"
)

// calls is the table of the API.
func calls() []call {
	const room, config = liveapi.ServiceLive, liveapi.ServiceConfig
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
