package server

import (
	"github.com/callboard/callboard/internal/call"
	"github.com/callboard/callboard/internal/feed"
	"github.com/callboard/callboard/internal/operate"
)

// asked is what the edges below /callboard/v1/ ask of a store.
type asked interface {
	feed.Log
	operate.Query
}

// edges make the edges below /callboard/v1/. Together they ask no more of the store at one time than it is meant for: what is left
// is for changes and delivery.
type edges struct {
	db             asked
	callers, tails *call.Turns
}

func newEdges(db asked, most capacity) edges {
	return edges{db, call.NewTurns(most.callers), call.NewTurns(most.tails)}
}

func (e edges) feed(opt feed.Options) *feed.Handler {
	opt.Log, opt.Turns, opt.TailTurns = e.db, e.callers, e.tails
	return feed.New(opt)
}

func (e edges) operate(opt operate.Options) *operate.Handler {
	opt.Query, opt.Turns = e.db, e.callers
	return operate.New(opt)
}
