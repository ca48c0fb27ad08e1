package callback

// SetMetadata is the body of Live.CallbackAfterSetMetadata: values of a room's metadata were set, by a client or by REST.
// Spec: callbacks, section 6.4.
type SetMetadata struct {
	CallbackCommand Command `json:"CallbackCommand"`
	// OperatorAccount is who set them.
	OperatorAccount Account `json:"Operator_Account"`
	// RoomID names the room.
	RoomID string `json:"RoomId"`
	// Metadata has the entries that this operation added or changed, at most 10; not all that the room has.
	Metadata Metadata `json:"Metadata"`
	// EventTime is in milliseconds.
	EventTime Millis `json:"EventTime"`
}

// Metadata is a list of keys with their values.
type Metadata []MetadataEntry

// MetadataEntry is a key of 1 to 50 bytes with a value of at most 2,048.
type MetadataEntry struct {
	Key   string `json:"Key"`
	Value string `json:"Value"`
}

// MarshalJSON writes an array, `[]` for a nil list.
func (m Metadata) MarshalJSON() ([]byte, error) { return marshalList([]MetadataEntry(m)) }

// DelMetadata is the body of Live.CallbackAfterDelMetadata: keys of a room's metadata were deleted, by a client or by REST.
// Spec: callbacks, section 6.5.
type DelMetadata struct {
	CallbackCommand Command `json:"CallbackCommand"`
	// OperatorAccount is who deleted them.
	OperatorAccount Account `json:"Operator_Account"`
	// RoomID names the room.
	RoomID string `json:"RoomId"`
	// Keys are those that were deleted, at most 10.
	Keys MetadataKeys `json:"Keys"`
	// EventTime is in milliseconds.
	EventTime Millis `json:"EventTime"`
}

// MetadataKeys is a list of keys.
type MetadataKeys []string

// MarshalJSON writes an array, `[]` for a nil list.
func (k MetadataKeys) MarshalJSON() ([]byte, error) { return marshalList([]string(k)) }
