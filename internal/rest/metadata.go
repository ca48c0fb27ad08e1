package rest

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/liveapi"
)

// metadataText is a key or a value: the rules refuse one that is too long, with a code of its own. A body bounds it until then.
func metadataText(name string, limit int64, over live.Kind, to *string) field {
	return field{name: name, takes: aText, limit: limit, over: over, read: func(path string, raw json.RawMessage) error {
		s, err := readText(path, raw, aText, maxBody)
		*to = s
		return err
	}}
}

// metadataKeys is a list of them, which can be empty where all are meant.
func metadataKeys(to *[]string) field {
	f := texts("Keys", live.MaxMetadataNamed, maxBody, to)
	f.limit, f.over = live.MaxMetadataKey, live.KeyTooLong
	return f.must()
}

// Spec: REST 2.7.
func setMetadataFields(c *live.SetMetadata) []field {
	return []field{
		roomID(&c.Room),
		objects("Metadata", live.MaxMetadataNamed, &c.Entries, func(e *live.MetadataEntry) []field {
			return []field{
				metadataText("Key", live.MaxMetadataKey, live.KeyTooLong, &e.Key).must(),
				metadataText("Value", live.MaxMetadataValue, live.ValueTooLong, &e.Value).must(),
			}
		}).must(),
	}
}

// Spec: REST 2.8.
func delMetadataFields(c *live.DeleteMetadata) []field {
	return []field{roomID(&c.Room), metadataKeys(&c.Keys)}
}

// metadataQuestion is what get_room_metadata asks for. Spec: REST 2.6.
type metadataQuestion struct {
	room live.RoomID
	keys []string
}

func getMetadataFields(q *metadataQuestion) []field {
	return []field{roomID(&q.room), metadataKeys(&q.keys)}
}

func getMetadata(ctx context.Context, h *Handler, r *request, q metadataQuestion) (any, error) {
	if err := live.CheckMetadataKeys(q.keys); err != nil {
		return nil, err
	}
	m, err := partOf[*live.Metadata](ctx, h, r, q.room, live.MetadataOf(q.room))
	if err != nil {
		return nil, err
	}
	answer := liveapi.GetRoomMetadataResponse{Metadata: []liveapi.MetadataEntry{}}
	if m == nil {
		return answer, nil
	}
	for _, e := range m.Select(q.keys) {
		answer.Metadata = append(answer.Metadata, liveapi.MetadataEntry(e))
	}
	return answer, nil
}

// partOf returns a part of a room of the App, nil when it has none; the error is a refusal when there is no such room.
func partOf[T live.Part](ctx context.Context, h *Handler, r *request, room live.RoomID, id live.PartID) (part T, err error) {
	if _, err := h.room(ctx, r, room); err != nil {
		return part, err
	}
	return readPart[T](ctx, h, r, id)
}

// readPart returns a part of the App, nil when there is none.
func readPart[T live.Part](ctx context.Context, h *Handler, r *request, id live.PartID) (part T, err error) {
	parts, err := h.rooms.Parts(ctx, r.app.ID, []live.PartID{id})
	if err != nil {
		return part, fmt.Errorf("read the %s of the room %q: %w", id.Kind, id.Room, err)
	}
	if len(parts) > 0 {
		part, _ = parts[0].(T)
	}
	return part, nil
}
