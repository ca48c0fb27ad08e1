package callback

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
)

// RoomState returns the value of HeaderRoomState for a room: the first 16 hex digits of the SHA-256 over the owner and the
// administrators in the order of their bytes, each ended by a line feed. A mirror of a room that gives another value than
// the callback which it has just applied is wrong. The order of administrators does not matter, and they keep it.
func RoomState(owner Account, administrators Accounts) string {
	text := append([]byte(owner), '\n')
	for _, account := range slices.Sorted(slices.Values(administrators)) {
		text = append(append(text, account...), '\n')
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}
