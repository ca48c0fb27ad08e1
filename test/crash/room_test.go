package crash

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/liveapi"
)

// room is a room as a receiver keeps it, rebuilt from the bodies of callbacks. The zero value is a room that does not
// exist.
type room struct {
	exists bool
	owner  string
	admins []string // in the order of their appointment
}

const maxAdmins = 5

// after returns the room after a change.
func (r room) after(c *change) room {
	switch c.Command {
	case callback.CommandAfterCreateRoom:
		return room{exists: true, owner: c.Owner}
	case callback.CommandAfterChangeOwner:
		r.owner = c.Owner
	case callback.CommandAfterModifyAdmin:
		if c.Op == callback.OpAdd {
			r.admins = slices.Concat(r.admins, c.Accounts)
			break
		}
		r.admins = without(r.admins, c.Accounts)
	case callback.CommandAfterDestroyRoom:
		return room{}
	}
	return r
}

// state is what the header Callboard-Room-State says of the room.
func (r room) state() string {
	if !r.exists {
		return ""
	}
	text := r.owner + "\n"
	for _, a := range slices.Sorted(slices.Values(r.admins)) {
		text += a + "\n"
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

// answer is what a call does to the room by the documented rules: the code of a refusal, or the changes that callbacks
// report, or what is read. Spec: REST 2.1 to 2.4 and 3.1 to 3.3.
func (r room) answer(c *call) (code liveapi.Code, changes []change, read []string) {
	if c.op == opCreate {
		return r.create(c)
	}
	if !r.exists {
		return liveapi.CodeRoomNotFound, nil, nil
	}
	switch c.op {
	case opAdd:
		return r.add(c)
	case opDelete:
		return 0, r.delete(c), nil
	case opOwner:
		return 0, r.changeOwner(c), nil
	case opDestroy:
		return 0, []change{{Command: callback.CommandAfterDestroyRoom, Room: c.room, Operator: c.by, Owner: r.owner}}, nil
	case opList:
		return 0, nil, r.admins
	case opInfo:
		return 0, nil, []string{r.owner}
	}
	return 0, nil, nil // an update: its callback is not subscribed
}

func (r room) create(c *call) (liveapi.Code, []change, []string) {
	switch {
	case r.exists && r.owner == c.accounts[0]:
		return liveapi.CodeRoomExists, nil, nil
	case r.exists:
		return liveapi.CodeRoomTaken, nil, nil
	}
	return 0, []change{{Command: callback.CommandAfterCreateRoom, Room: c.room, Operator: c.by, Owner: c.accounts[0]}}, nil
}

func (r room) add(c *call) (liveapi.Code, []change, []string) {
	if slices.Contains(c.accounts, r.owner) {
		return liveapi.CodeInvalidParameter, nil, nil
	}
	added := without(c.accounts, r.admins)
	if len(r.admins)+len(added) > maxAdmins {
		return liveapi.CodeTooManyAdministrators, nil, nil
	}
	return 0, modified(c, added, callback.OpAdd), nil
}

func (r room) delete(c *call) []change {
	deleted := without(c.accounts, without(c.accounts, r.admins)) // those that are administrators, as the call orders them
	return modified(c, deleted, callback.OpDelete)
}

// changeOwner ends the role of an administrator who becomes the owner, as a change of its own.
func (r room) changeOwner(c *call) []change {
	if r.owner == c.accounts[0] {
		return nil
	}
	return append(r.delete(c), change{
		Command: callback.CommandAfterChangeOwner, Room: c.room, Operator: c.by, Owner: c.accounts[0], Original: r.owner,
	})
}

func modified(c *call, accounts []string, op string) []change {
	if len(accounts) == 0 {
		return nil
	}
	return []change{{Command: callback.CommandAfterModifyAdmin, Room: c.room, Operator: c.by, Accounts: accounts, Op: op}}
}

// without returns a new list of those that are not in others.
func without(list, others []string) []string {
	var kept []string
	for _, s := range list {
		if !slices.Contains(others, s) {
			kept = append(kept, s)
		}
	}
	return kept
}

// describe is a call for a person.
func (c *call) describe() string {
	return strings.TrimSpace(string(c.op)+" "+strings.Join(c.accounts, ",")) + " in " + c.room + " by " + c.by +
		" (" + string(c.outcome) + ", cause " + c.cause + ")"
}
