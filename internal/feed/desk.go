package feed

import (
	"context"

	"github.com/callboard/callboard/internal/call"
)

// desk is where the store is asked, by a few at a time. Tails have turns of their own, so that they do not wait for readers that are
// behind.
type desk struct {
	log   Log
	turns *call.Turns
}

// standardTurns are those of readers, and those of tails, unless somebody says otherwise.
const standardTurns = 2

func newDesk(log Log, turns *call.Turns) desk {
	if turns == nil {
		turns = call.NewTurns(standardTurns)
	}
	return desk{log, turns}
}

// ask runs f, which must not write to a caller, when it is its turn. ctx ends the waiting only: a caller that leaves must not cost
// a store the connection on which it is asked.
func (d desk) ask(ctx context.Context, f func(Log) error) error {
	return d.turns.Do(ctx, func() error { return f(d.log) })
}
