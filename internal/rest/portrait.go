package rest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/liveapi"
)

// maxPortraits is the most profiles that are asked for at once.
const maxPortraits = 100

// Spec: accounts and clients 2.
func importAccountFields(c *live.ImportAccount) []field {
	return []field{
		account("UserID", &c.Account).must(),
		optionalText("Nick", live.MaxPortraitText, &c.Nick),
		optionalText("FaceUrl", live.MaxPortraitText, &c.FaceURL),
	}
}

// Spec: accounts and clients 2.
func setPortraitFields(c *live.SetPortrait) []field {
	return []field{
		account("From_Account", &c.Account).must(),
		objects("ProfileItem", live.MaxPortraitItems, &c.Items, profileItemFields).must(),
	}
}

func profileItemFields(item *live.ProfileItem) []field {
	return []field{
		text("Tag", live.MaxPortraitTag, &item.Tag).must(),
		textOrInteger("Value", live.MaxPortraitText, &item.Text, &item.Number).must(),
	}
}

// textOrInteger takes a string of at most limit bytes, or a whole number.
func textOrInteger(name string, limit int64, text *string, number **int64) field {
	return field{name: name, takes: aTextOrInteger, limit: limit, read: func(path string, raw json.RawMessage) (err error) {
		if kindOf(raw) == aNumber {
			*number = new(int64)
			**number, err = readInteger(path, raw)
			return err
		}
		*text, err = readText(path, raw, aTextOrInteger, limit)
		return err
	}}
}

// portraits is what portrait_get asks for.
type portraits struct {
	accounts []live.Account
	tags     []string
}

// Spec: accounts and clients 2. Without a TagList every tag is answered.
func getPortraitFields(q *portraits) []field {
	return []field{
		accountList("To_Account", maxPortraits, &q.accounts).must(),
		texts("TagList", live.MaxPortraitItems, live.MaxPortraitTag, &q.tags),
	}
}

// getPortrait answers each account that is named, one that nothing is known of without items.
func getPortrait(ctx context.Context, h *Handler, r *request, q portraits) (any, error) {
	if len(q.accounts) == 0 {
		return nil, live.Refuse(live.InvalidParameter, "To_Account is empty; it takes 1 to %d accounts", maxPortraits)
	}
	for i, a := range q.accounts {
		if err := a.Check(entryPath("To_Account", i)); err != nil {
			return nil, err
		}
	}
	for i, tag := range q.tags {
		if err := live.CheckTag(entryPath("TagList", i), tag); err != nil {
			return nil, err
		}
	}
	profiles, err := h.profiles(ctx, r.app.ID, q.accounts)
	if err != nil {
		return nil, err
	}
	answer := liveapi.GetPortraitResponse{UserProfileItems: []liveapi.UserProfile{}}
	for i, p := range profiles {
		answer.UserProfileItems = append(answer.UserProfileItems, liveapi.UserProfile{
			ToAccount: string(q.accounts[i]), ProfileItems: profileItems(p, q.tags),
		})
	}
	return beside{answer, answer}, nil
}

// profiles returns those of accounts, in their order; nil for one that has none.
func (h *Handler) profiles(ctx context.Context, app live.AppID, accounts []live.Account) ([]*live.Portrait, error) {
	ids := make([]live.PartID, len(accounts))
	for i, a := range accounts {
		ids[i] = live.PortraitOf(a)
	}
	parts, err := h.rooms.Parts(ctx, app, ids)
	if err != nil {
		return nil, fmt.Errorf("read profiles: %w", err)
	}
	profiles := make([]*live.Portrait, len(parts))
	for i, p := range parts {
		profiles[i], _ = p.(*live.Portrait)
	}
	return profiles, nil
}

func profileItems(p *live.Portrait, tags []string) []liveapi.ProfileItem {
	list := []liveapi.ProfileItem{}
	if p == nil {
		return list
	}
	for _, item := range p.Items {
		if len(tags) > 0 && !slices.Contains(tags, item.Tag) {
			continue
		}
		shown := liveapi.ProfileItem{Tag: item.Tag, Value: item.Text}
		if item.Number != nil {
			shown.Value = *item.Number
		}
		list = append(list, shown)
	}
	return list
}

// nameOwners adds to listed rooms what is known of their owners. Spec: REST 2.0, OwnerName.
func (h *Handler) nameOwners(ctx context.Context, app live.AppID, rooms []liveapi.ListedRoom) error {
	if len(rooms) == 0 {
		return nil
	}
	owners := make([]live.Account, len(rooms))
	for i := range rooms {
		owners[i] = live.Account(rooms[i].OwnerAccount)
	}
	profiles, err := h.profiles(ctx, app, owners)
	for i, p := range profiles {
		rooms[i].OwnerName, rooms[i].OwnerAvatarURL = p.Text(live.TagNick), p.Text(live.TagImage)
	}
	return err
}
