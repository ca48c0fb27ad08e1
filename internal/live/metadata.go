package live

import (
	"fmt"
	"slices"
	"time"
)

// Limits of the metadata of a room, lengths in bytes. Spec: REST 2.7.
const (
	MaxMetadataKeys  = 10
	MaxMetadataKey   = 50
	MaxMetadataValue = 2 << 10
	// MaxMetadata is the most that all values of a room have together.
	MaxMetadata = 16 << 10
	// MaxMetadataNamed is the most entries of one call, keys named twice included. It is chosen here, so that a body of them with
	// all characters escaped is far below the largest that is taken.
	MaxMetadataNamed = 20
)

// KindMetadata is the kind of [Metadata].
const KindMetadata PartKind = "metadata"

// Metadata are the keys and values that an App has put on a room: one part, because the limits are of all of them together. A room
// without any has none.
type Metadata struct {
	// Entries are in the order in which their keys were added.
	Entries []MetadataEntry
}

// MetadataEntry is a key and its value, which may be empty.
type MetadataEntry struct{ Key, Value string }

// Kind implements [Part].
func (*Metadata) Kind() PartKind { return KindMetadata }

// MetadataOf names the metadata of a room.
func MetadataOf(room RoomID) PartID { return PartID{Room: room, Kind: KindMetadata} }

// metadata returns the entries of a room, which are not to be changed in place.
func metadata(s State, room RoomID) []MetadataEntry {
	if m := part[*Metadata](s, MetadataOf(room)); m != nil {
		return m.Entries
	}
	return nil
}

// metadataChange is the part with other entries, or none.
func metadataChange(room RoomID, entries []MetadataEntry) []PartChange {
	c := PartChange{ID: MetadataOf(room)}
	if len(entries) > 0 {
		c.Part = &Metadata{Entries: entries}
	}
	return []PartChange{c}
}

// MetadataSet reports the entries whose values really changed, in the order of the request. Spec: callbacks 6.4.
type MetadataSet struct{ Entries []MetadataEntry }

// MetadataDeleted reports the keys that were really there, in the order of the request. Spec: callbacks 6.5.
type MetadataDeleted struct{ Keys []string }

func (MetadataSet) change()     {}
func (MetadataDeleted) change() {}

// SetMetadata sets values of keys; keys that are not named stay. Of a key that is named twice the last value counts. One bad entry,
// or one too many, refuses the whole call. What has its value already is not reported. Spec: set_room_metadata.
type SetMetadata struct {
	Room    RoomID
	Entries []MetadataEntry
}

// Name implements [Command].
func (SetMetadata) Name() string { return "set_room_metadata" }

// Names implements [RoomCommand].
func (c SetMetadata) Names() Names { return Names{Room: c.Room, Parts: []PartID{MetadataOf(c.Room)}} }

// Check implements [RoomCommand].
func (c SetMetadata) Check() error {
	if err := c.Room.Check(); err != nil {
		return err
	}
	if n := len(c.Entries); n == 0 || n > MaxMetadataNamed {
		return invalid("Metadata has %d entries; it takes 1 to %d", n, MaxMetadataNamed)
	}
	for i, e := range c.Entries {
		if err := checkMetadataKey(fmt.Sprintf("Metadata[%d].Key", i), e.Key); err != nil {
			return err
		}
		if len(e.Value) > MaxMetadataValue {
			return Refuse(ValueTooLong, "Metadata[%d].Value has %d bytes; at most %d are allowed", i, len(e.Value), MaxMetadataValue)
		}
		if err := checkText(fmt.Sprintf("Metadata[%d].Value", i), e.Value); err != nil {
			return err
		}
	}
	return checkMetadata(c.Room, c.distinct())
}

// Apply implements [RoomCommand].
func (c SetMetadata) Apply(s State, _ Actor, _ time.Time) (Outcome, error) {
	room := s.Room(c.Room)
	if room == nil {
		return Outcome{}, noRoom(c.Room)
	}
	entries := slices.Clone(metadata(s, c.Room))
	var changed []MetadataEntry
	for _, e := range c.distinct() {
		i := slices.IndexFunc(entries, func(o MetadataEntry) bool { return o.Key == e.Key })
		switch {
		case i < 0:
			entries = append(entries, e)
		case entries[i] == e:
			continue
		default:
			entries[i] = e
		}
		changed = append(changed, e)
	}
	if len(changed) == 0 {
		return Outcome{Room: room}, nil
	}
	if err := checkMetadata(c.Room, entries); err != nil {
		return Outcome{}, err
	}
	return Outcome{
		Room: room, Parts: metadataChange(c.Room, entries),
		Events: []Event{{Room: c.Room, Roles: room.roles(), Change: MetadataSet{Entries: changed}}},
	}, nil
}

// distinct keeps the last of entries with one key, in the places of the first.
func (c SetMetadata) distinct() []MetadataEntry {
	list := make([]MetadataEntry, 0, len(c.Entries))
	for _, e := range c.Entries {
		if i := slices.IndexFunc(list, func(o MetadataEntry) bool { return o.Key == e.Key }); i >= 0 {
			list[i] = e
			continue
		}
		list = append(list, e)
	}
	return list
}

// DeleteMetadata takes keys away. Keys that are not there are passed over. Spec: del_room_metadata.
type DeleteMetadata struct {
	Room RoomID
	Keys []string
}

// Name implements [Command].
func (DeleteMetadata) Name() string { return "del_room_metadata" }

// Names implements [RoomCommand].
func (c DeleteMetadata) Names() Names {
	return Names{Room: c.Room, Parts: []PartID{MetadataOf(c.Room)}}
}

// Check implements [RoomCommand].
func (c DeleteMetadata) Check() error {
	if err := c.Room.Check(); err != nil {
		return err
	}
	if n := len(c.Keys); n == 0 || n > MaxMetadataNamed {
		return invalid("Keys has %d entries; it takes 1 to %d", n, MaxMetadataNamed)
	}
	return CheckMetadataKeys(c.Keys)
}

// Apply implements [RoomCommand]; [KeysNotFound] when none of the keys is there.
func (c DeleteMetadata) Apply(s State, _ Actor, _ time.Time) (Outcome, error) {
	room := s.Room(c.Room)
	if room == nil {
		return Outcome{}, noRoom(c.Room)
	}
	left := slices.Clone(metadata(s, c.Room))
	var deleted []string
	for _, key := range c.Keys {
		if i := slices.IndexFunc(left, func(e MetadataEntry) bool { return e.Key == key }); i >= 0 {
			left = slices.Delete(left, i, i+1)
			deleted = append(deleted, key)
		}
	}
	if len(deleted) == 0 {
		return Outcome{}, Refuse(KeysNotFound, "Keys: room %q has none of these keys", c.Room)
	}
	return Outcome{
		Room: room, Parts: metadataChange(c.Room, left),
		Events: []Event{{Room: c.Room, Roles: room.roles(), Change: MetadataDeleted{Keys: deleted}}},
	}, nil
}

// CheckMetadataKeys refuses what cannot be keys of metadata.
func CheckMetadataKeys(keys []string) error {
	for i, key := range keys {
		if err := checkMetadataKey(fmt.Sprintf("Keys[%d]", i), key); err != nil {
			return err
		}
	}
	return nil
}

func checkMetadataKey(field, key string) error {
	if key == "" {
		return invalid("%s is empty; a key takes 1 to %d bytes", field, MaxMetadataKey)
	}
	if len(key) > MaxMetadataKey {
		return Refuse(KeyTooLong, "%s has %d bytes; at most %d are allowed", field, len(key), MaxMetadataKey)
	}
	return checkText(field, key)
}

// checkMetadata refuses more than a room may have.
func checkMetadata(room RoomID, entries []MetadataEntry) error {
	if n := len(entries); n > MaxMetadataKeys {
		return Refuse(TooManyKeys, "Metadata: room %q would have %d keys; at most %d are allowed", room, n, MaxMetadataKeys)
	}
	size := 0
	for _, e := range entries {
		size += len(e.Value)
	}
	if size > MaxMetadata {
		return Refuse(MetadataTooLarge, "Metadata: the values of room %q would have %d bytes together; at most %d are allowed", room, size, MaxMetadata)
	}
	return nil
}

// Select returns the entries of the keys in the order in which they were added; all when no key is named.
func (m *Metadata) Select(keys []string) []MetadataEntry {
	if len(keys) == 0 {
		return m.Entries
	}
	var list []MetadataEntry
	for _, e := range m.Entries {
		if slices.Contains(keys, e.Key) {
			list = append(list, e)
		}
	}
	return list
}
