package live

import (
	"fmt"
	"slices"
	"time"
)

// MaxAdministrators is the most that a room may have. Spec: modify_admin, code 100020.
const MaxAdministrators = 5

// AdminOp says whether administrators come or go. Spec: modify_admin, OpType.
type AdminOp string

// The two documented operations.
const (
	AddAdministrators    AdminOp = "add"
	DeleteAdministrators AdminOp = "delete"
)

// ModifyAdmin adds or deletes administrators of a room. Spec: modify_admin.
//
// Duplicates count once. One bad account refuses the whole call, an add that would exceed [MaxAdministrators] too.
// The owner cannot be added; deleting the owner, or somebody who is no administrator, does nothing. An account need
// not be in the room.
type ModifyAdmin struct {
	Room     RoomID
	Accounts []Account
	Op       AdminOp
}

// Name implements [Command].
func (ModifyAdmin) Name() string { return "modify_admin" }

// Names implements [RoomCommand].
func (c ModifyAdmin) Names() Names { return Names{Room: c.Room} }

// Check implements [RoomCommand].
func (c ModifyAdmin) Check() error {
	if err := c.Room.Check(); err != nil {
		return err
	}
	if c.Op != AddAdministrators && c.Op != DeleteAdministrators {
		return invalid("OpType is not known; use %q or %q", AddAdministrators, DeleteAdministrators)
	}
	if len(c.Accounts) == 0 {
		return invalid("Admin_Account is empty; it takes 1 to %d accounts", MaxAdministrators)
	}
	for i, a := range c.Accounts {
		if err := a.Check("Admin_Account"); err != nil { // only then the entry needs a name of its own
			return a.Check(fmt.Sprintf("Admin_Account[%d]", i))
		}
	}
	if n := len(distinct(c.Accounts)); c.Op == DeleteAdministrators && n > MaxAdministrators {
		return invalid("Admin_Account has %d accounts; at most %d can be deleted at once", n, MaxAdministrators)
	}
	return nil
}

// Apply implements [RoomCommand].
func (c ModifyAdmin) Apply(s State, _ Actor, _ time.Time) (Outcome, error) {
	room := s.Room(c.Room)
	if room == nil {
		return Outcome{}, noRoom(c.Room)
	}
	if c.Op == AddAdministrators {
		return c.add(room, distinct(c.Accounts))
	}
	return c.delete(room), nil
}

func (c ModifyAdmin) add(room *Room, accounts []Account) (Outcome, error) {
	if i := slices.Index(c.Accounts, room.Owner); i >= 0 {
		return Outcome{}, invalid("Admin_Account[%d] is the owner of the room, who cannot be made an administrator", i)
	}
	added := keep(accounts, func(a Account) bool { return !room.hasAdministrator(a) })
	if n := len(room.Administrators) + len(added); n > MaxAdministrators {
		return Outcome{}, Refuse(TooManyAdministrators,
			"Admin_Account: the room would have %d administrators; at most %d are allowed, %d are appointed",
			n, MaxAdministrators, len(room.Administrators))
	}
	return c.outcome(room, added, slices.Concat(room.Administrators, added)), nil
}

func (c ModifyAdmin) delete(room *Room) Outcome {
	deleted := keep(distinct(c.Accounts), room.hasAdministrator)
	left := keep(room.Administrators, func(a Account) bool { return !slices.Contains(deleted, a) })
	return c.outcome(room, deleted, left)
}

func (c ModifyAdmin) outcome(room *Room, changed, administrators []Account) Outcome {
	if len(changed) == 0 {
		return Outcome{Room: room}
	}
	next := room.copy()
	next.Administrators = administrators
	return Outcome{
		Room: next,
		Events: []Event{{
			Room: c.Room, Roles: next.roles(),
			Change: AdministratorsModified{Accounts: changed, Op: c.Op},
		}},
	}
}

// distinct keeps the first of equal accounts, in order.
func distinct(accounts []Account) []Account {
	if len(accounts) == 1 {
		return accounts
	}
	seen := make(map[Account]bool, len(accounts))
	return keep(accounts, func(a Account) bool {
		first := !seen[a]
		seen[a] = true
		return first
	})
}

func keep(accounts []Account, want func(Account) bool) []Account {
	var kept []Account
	for _, a := range accounts {
		if want(a) {
			kept = append(kept, a)
		}
	}
	return kept
}
