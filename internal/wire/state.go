package wire

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/callboard/callboard/internal/live"
)

// RoomState is the header Callboard-Room-State: the first 16 hex digits of SHA-256 over the owner and the byte-sorted
// administrators, each ended by a line feed, so that a receiver can check its own mirror of the room. It is empty when
// the room is gone.
func RoomState(roles *live.Roles) string {
	if roles == nil {
		return ""
	}
	text := make([]byte, 0, (1+live.MaxAdministrators)*(live.MaxAccount+1))
	text = append(append(text, roles.Owner...), '\n')
	sorted := slices.Clone(roles.Administrators)
	slices.Sort(sorted)
	for _, a := range sorted {
		text = append(append(text, a...), '\n')
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}
