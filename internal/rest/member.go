package rest

import (
	"context"
	"encoding/base64"
	"fmt"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/liveapi"
)

// membersOfPage is the size of a page of get_member_list, which is the server's choice.
const membersOfPage = 100

// memberList is what get_member_list asks for. Spec: REST 4.1.
type memberList struct {
	room live.RoomID
	next string
}

func memberListFields(q *memberList) []field {
	return []field{roomID(&q.room), text("Next", maxNext, &q.next).must()}
}

// getMemberList reads one member more than it answers, which tells whether there is a next page.
func getMemberList(ctx context.Context, h *Handler, r *request, q memberList) (any, error) {
	after, err := q.after()
	if err != nil {
		return nil, err
	}
	if _, err := h.room(ctx, r, q.room); err != nil {
		return nil, err
	}
	tally, err := h.tally(ctx, r, q.room)
	if err != nil {
		return nil, err
	}
	members, err := h.rooms.PartsAfter(ctx, r.app.ID, live.MemberOf(q.room, after), membersOfPage+1)
	if err != nil {
		return nil, fmt.Errorf("list the members of %q: %w", q.room, err)
	}
	answer := liveapi.GetMemberListResponse{MemberCount: tally.Members, MemberList: []liveapi.Member{}}
	if len(members) > membersOfPage {
		members = members[:membersOfPage]
		answer.Next = nextMember(live.Account(members[membersOfPage-1].Key))
	}
	for i := range members {
		answer.MemberList = append(answer.MemberList, liveapi.Member{MemberAccount: members[i].Key})
	}
	return answer, nil
}

// nextMember and after are the two sides of Next: the last account of a page, which may leave meanwhile, opaque to callers. No
// account is written "0" in it.
func nextMember(last live.Account) string { return base64.RawURLEncoding.EncodeToString([]byte(last)) }

func (q memberList) after() (live.Account, error) {
	if q.next == "" || q.next == "0" {
		return "", nil
	}
	last, err := base64.RawURLEncoding.Strict().DecodeString(q.next)
	if account := live.Account(last); err == nil && account.Check("Next") == nil {
		return account, nil
	}
	return "", live.Refuse(live.InvalidParameter, `Next is not one that an answer of get_member_list had; send "" for the first page`)
}

// tally returns the counters of a room, all 0 when nothing was counted yet.
func (h *Handler) tally(ctx context.Context, r *request, id live.RoomID) (*live.Tally, error) {
	tallies, err := h.tallies(ctx, r, []live.RoomID{id})
	if err != nil {
		return nil, err
	}
	return tallies[0], nil
}

func (h *Handler) tallies(ctx context.Context, r *request, rooms []live.RoomID) ([]*live.Tally, error) {
	ids := make([]live.PartID, len(rooms))
	for i, room := range rooms {
		ids[i] = live.TallyOf(room)
	}
	parts, err := h.rooms.Parts(ctx, r.app.ID, ids)
	if err != nil {
		return nil, fmt.Errorf("read the counters of %d rooms: %w", len(rooms), err)
	}
	tallies := make([]*live.Tally, len(rooms))
	for i := range parts {
		if tallies[i], _ = parts[i].(*live.Tally); tallies[i] == nil {
			tallies[i] = &live.Tally{}
		}
	}
	return tallies, nil
}
