package rest

import (
	"context"
	"fmt"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/liveapi"
)

const (
	// maxOffset is how far get_banned_member_list counts.
	maxOffset = 1_000_000
	// maxMuted is the most accounts of get_muted_member_list, which has no pages: some 500 KB.
	maxMuted = 5_000
	// lookedAt is how many bans or mutes are read at a time; those that are over are passed over.
	lookedAt = 500
)

// Spec: REST 4.2.
func banMemberFields(c *live.BanMembers) []field {
	return []field{
		roomID(&c.Room),
		accounts("MemberList_Account", live.MaxMembersOfCall, &c.Accounts).must(),
		integer("Duration", 1, live.MaxSeconds, &c.Seconds).must(),
		text("Reason", live.MaxReason, &c.Reason),
	}
}

// Spec: REST 4.3.
func unbanMemberFields(c *live.UnbanMembers) []field {
	return []field{roomID(&c.Room), accounts("MemberList_Account", live.MaxMembersOfCall, &c.Accounts).must()}
}

// bannedList is what get_banned_member_list asks for. Spec: REST 4.4.
type bannedList struct {
	room          live.RoomID
	offset, limit int64
}

func bannedListFields(q *bannedList) []field {
	q.limit = liveapi.MaxBannedLimit
	return []field{
		roomID(&q.room),
		integer("Offset", 0, maxOffset, &q.offset),
		integer("Limit", 1, liveapi.MaxBannedLimit, &q.limit),
	}
}

// getBannedMemberList counts bans that last from the start of the list.
func getBannedMemberList(ctx context.Context, h *Handler, r *request, q bannedList) (any, error) {
	if _, err := h.room(ctx, r, q.room); err != nil {
		return nil, err
	}
	answer := liveapi.GetBannedMemberListResponse{BannedAccountList: []liveapi.BannedAccount{}}
	now, passed := h.now().Unix(), int64(0)
	err := h.eachPart(ctx, r, live.BanOf(q.room, ""), func(account string, p live.Part) bool {
		ban, ok := p.(*live.Ban)
		switch {
		case !ok || ban.Until <= now:
		case passed < q.offset:
			passed++
		case int64(len(answer.BannedAccountList)) == q.limit:
			answer.NextOffset = q.offset + q.limit
			return false
		default:
			answer.BannedAccountList = append(answer.BannedAccountList,
				liveapi.BannedAccount{MemberAccount: account, BannedUntil: ban.Until, Reason: ban.Reason})
		}
		return true
	})
	return answer, err
}

// Spec: REST 4.5.
func muteMemberFields(c *live.MuteMembers) []field {
	return []field{
		roomID(&c.Room),
		accounts("MemberList_Account", live.MaxMembersOfCall, &c.Accounts).must(),
		integer("MuteTime", 0, live.MaxSeconds, &c.Seconds).must(),
	}
}

// Spec: REST 4.6.
func getMutedMemberList(ctx context.Context, h *Handler, r *request, id live.RoomID) (any, error) {
	if _, err := h.room(ctx, r, id); err != nil {
		return nil, err
	}
	answer := liveapi.GetMutedMemberListResponse{MutedAccountList: []liveapi.MutedAccount{}}
	now := h.now().Unix()
	err := h.eachPart(ctx, r, live.MuteOf(id, ""), func(account string, p live.Part) bool {
		if mute, ok := p.(*live.Mute); ok && mute.Until > now {
			answer.MutedAccountList = append(answer.MutedAccountList, liveapi.MutedAccount{MemberAccount: account, MutedUntil: mute.Until})
		}
		return len(answer.MutedAccountList) < maxMuted
	})
	return answer, err
}

// eachPart yields the parts of a room and kind, in the order of their keys, until there is none left or yield returns false.
func (h *Handler) eachPart(ctx context.Context, r *request, after live.PartID, yield func(key string, p live.Part) bool) error {
	for {
		page, err := h.rooms.PartsAfter(ctx, r.app.ID, after, lookedAt)
		if err != nil {
			return fmt.Errorf("list the parts %s of %q: %w", after.Kind, after.Room, err)
		}
		for i := range page {
			if !yield(page[i].Key, page[i].Part) {
				return nil
			}
		}
		if len(page) < lookedAt {
			return nil
		}
		after.Key = page[lookedAt-1].Key
	}
}
