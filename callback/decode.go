package callback

import (
	"encoding/json"
	"fmt"
)

// Decode returns the packet of d, such as a ModifyAdmin where d.Command is CommandAfterModifyAdmin. It does not compare
// the command with T; a switch over d.Command does. Handler has decoded the packets known here before it calls a
// function, so the error speaks of the others, and of bodies of another sender.
func Decode[T any](d Delivery) (T, error) {
	var packet T
	if err := json.Unmarshal(d.Body, &packet); err != nil {
		return packet, fmt.Errorf("callback: body of %s: %w", d.Command, err)
	}
	return packet, nil
}
