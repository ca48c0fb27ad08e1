package crash

import (
	"slices"

	"github.com/callboard/callboard/liveapi"
)

// learn takes over what a call has told about its room. What is unknown is believed to have happened: a wrong guess costs
// a call without effect.
func (g *guess) learn(c *call) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if c.outcome == refused {
		g.learnRefusal(c)
		return
	}
	switch c.op {
	case opAdd:
		g.admins = append(g.admins, c.accounts...)
	case opDelete:
		g.admins = slices.DeleteFunc(g.admins, func(a string) bool { return slices.Contains(c.accounts, a) })
	case opOwner:
		g.owner = c.accounts[0]
		g.admins = slices.DeleteFunc(g.admins, func(a string) bool { return a == g.owner })
	case opCreate:
		g.exists, g.owner, g.admins = true, c.accounts[0], nil
	case opDestroy:
		g.exists, g.owner, g.admins = false, "", nil
	case opList:
		if c.outcome == done {
			g.exists, g.admins = true, slices.Clone(c.read)
		}
	case opInfo:
		if c.outcome == done {
			g.exists, g.owner = true, c.read[0]
		}
	}
}

func (g *guess) learnRefusal(c *call) {
	switch c.code {
	case liveapi.CodeRoomNotFound:
		g.exists = false
	case liveapi.CodeRoomExists, liveapi.CodeRoomTaken:
		g.exists = true
	}
}
