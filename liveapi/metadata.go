package liveapi

import "context"

// MetadataEntry is a key with its value. Spec: REST 2.7.
type MetadataEntry struct {
	// Key has 1 to 50 bytes.
	Key string `json:"Key"`
	// Value has at most 2,048 bytes and may be empty.
	Value string `json:"Value"`
}

// SetRoomMetadataRequest is the body of set_room_metadata. Spec: REST 2.7.
type SetRoomMetadataRequest struct {
	RoomID string `json:"RoomId"`
	// Metadata has 1 to 20 entries; of a key that is named twice the last value counts.
	Metadata []MetadataEntry `json:"Metadata"`
}

// SetRoomMetadata sets values of keys of a room; keys that are not named stay. A room has at most 10 keys
// ([CodeTooManyKeys]) with values of 16,384 bytes together ([CodeMetadataTooLarge]): a call that would exceed a limit sets none.
func (c *Client) SetRoomMetadata(ctx context.Context, roomID string, entries ...MetadataEntry) error {
	request := SetRoomMetadataRequest{RoomID: roomID, Metadata: entries}
	return c.call(ctx, ServiceLive, "set_room_metadata", request, nil)
}

// GetRoomMetadataRequest is the body of get_room_metadata. Spec: REST 2.6.
type GetRoomMetadataRequest struct {
	RoomID string `json:"RoomId"`
	// Keys are those that are asked for; empty, not null: all.
	Keys []string `json:"Keys"`
}

// GetRoomMetadataResponse is the payload of get_room_metadata. Spec: REST 2.6.
type GetRoomMetadataResponse struct {
	// Metadata is in the order in which the keys were added. It is empty, never null, when none of them is there.
	Metadata []MetadataEntry `json:"Metadata"`
}

// GetRoomMetadata returns the keys of a room that are there, among those that are named; all when none is.
func (c *Client) GetRoomMetadata(ctx context.Context, roomID string, keys ...string) ([]MetadataEntry, error) {
	if keys == nil {
		keys = []string{}
	}
	var answer GetRoomMetadataResponse
	err := c.call(ctx, ServiceLive, "get_room_metadata", GetRoomMetadataRequest{RoomID: roomID, Keys: keys}, &answer)
	return answer.Metadata, err
}

// DelRoomMetadataRequest is the body of del_room_metadata. Spec: REST 2.8.
type DelRoomMetadataRequest struct {
	RoomID string `json:"RoomId"`
	// Keys has 1 to 20 entries.
	Keys []string `json:"Keys"`
}

// DelRoomMetadata deletes keys of a room; those that are not there are passed over. [CodeKeysNotFound] when none is.
func (c *Client) DelRoomMetadata(ctx context.Context, roomID string, keys ...string) error {
	return c.call(ctx, ServiceLive, "del_room_metadata", DelRoomMetadataRequest{RoomID: roomID, Keys: keys}, nil)
}
