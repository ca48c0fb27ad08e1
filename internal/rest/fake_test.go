package rest

import (
	"context"

	"github.com/callboard/callboard/internal/live"
)

// edge stands behind a handler whose transport is tested: it knows one App and no room, runs the checks of commands and
// applies none.
type edge struct {
	app   *live.App
	doErr error // what Do returns after the checks
	err   error // what the store returns
	by    live.Actor
	calls int
}

func newEdge() *edge {
	return &edge{app: &live.App{ID: testApp, Key: testKey, Administrators: []live.Account{testAdmin}}}
}

func (e *edge) handler() *Handler { return New(Options{Engine: e, Rooms: e}) }

func (e *edge) Do(_ context.Context, _ live.AppID, by live.Actor, cmd live.Command) (live.Outcome, error) {
	e.calls++
	e.by = by
	if c, ok := cmd.(interface{ Check() error }); ok {
		if err := c.Check(); err != nil {
			return live.Outcome{}, err
		}
	}
	return live.Outcome{}, e.doErr
}

func (e *edge) App(id live.AppID) *live.App {
	if id != e.app.ID {
		return nil
	}
	return e.app
}

func (e *edge) Room(context.Context, live.AppID, live.RoomID) (*live.Room, error) { return nil, e.err }

func (e *edge) PublicRooms(context.Context, live.AppID, live.RoomPage) ([]live.Room, error) {
	return nil, e.err
}

func (e *edge) Parts(context.Context, live.AppID, []live.PartID) ([]live.Part, error) {
	return nil, e.err
}

func (e *edge) PartsAfter(context.Context, live.AppID, live.PartID, int) ([]live.Keyed, error) {
	return nil, e.err
}
