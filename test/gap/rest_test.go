package gap

import (
	"context"
	"slices"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/liveapi"
)

// change makes a call to the REST API, which is refused or lost as it may.
func (s *server) change(c change) {
	if err := s.call(s.t.Context(), c); err == nil {
		s.run.tally.add("changed")
	}
}

func (s *server) call(ctx context.Context, c change) (err error) {
	account := string(c.account)
	switch c.kind {
	case create:
		_, err = s.rest.CreateRoom(ctx, liveapi.NewRoom{RoomID: c.room, OwnerAccount: account})
	case destroy:
		_, err = s.rest.DestroyRoom(ctx, c.room)
	case giveOwner:
		err = s.rest.ChangeRoomOwner(ctx, c.room, account)
	case addAdministrator:
		err = s.rest.AddAdmin(ctx, c.room, account)
	case deleteAdministrator:
		err = s.rest.DeleteAdmin(ctx, c.room, account)
	case enter: // members cannot enter by REST; here it is a number of the room's own lane without a callback
		err = s.rest.UpdateRoomInfo(ctx, liveapi.RoomUpdate{RoomID: c.room, RoomName: &account})
	}
	return err
}

func (s *server) turn(command callback.Command, on bool) {
	s.mu.Lock()
	s.off[command] = !on
	list := slices.DeleteFunc(commands(), func(c callback.Command) bool { return s.off[c] })
	s.mu.Unlock()
	if err := s.rest.UpdateCallback(s.t.Context(), liveapi.CallbackConfig{URL: s.proxy, CallbackCommandList: words(list)}); err != nil {
		s.t.Errorf("update_callback: %v", err)
	}
}

// rooms reads them by the documented calls.
func (s *server) rooms() map[string]roles {
	rooms := map[string]roles{}
	for next, first := "", true; first || next != ""; first = false {
		page, err := s.rest.GetRoomList(s.t.Context(), liveapi.GetRoomListRequest{Next: next})
		if err != nil {
			s.t.Fatal(err)
		}
		for _, room := range page.RoomList {
			rooms[room.RoomID] = s.roles(room)
		}
		next = page.Next
	}
	return rooms
}

func (s *server) roles(room liveapi.ListedRoom) roles {
	list, err := s.rest.GetAdminList(s.t.Context(), room.RoomID)
	if err != nil {
		s.t.Fatal(err)
	}
	r := roles{Owner: callback.Account(room.OwnerAccount)}
	for _, account := range list {
		r.Administrators = append(r.Administrators, callback.Account(account))
	}
	slices.Sort(r.Administrators)
	return r
}
