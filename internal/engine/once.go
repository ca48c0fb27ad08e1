package engine

import (
	"time"

	"github.com/callboard/callboard/internal/live"
)

// applyOnce runs a command that has an idempotency key: what was done under the key is not done again, and answers the same.
// The answer is kept in the commit of what it answers, so a caller who did not hear it can ask again. Refusals are not kept:
// they changed nothing.
func (a *appWork) applyOnce(r *request, now time.Time) (live.Outcome, error) {
	id := live.AnswerOf(r.by.Key)
	if given, ok := a.Part(id).(*live.Answer); ok {
		return given.Again(r.cmd)
	}
	out, err := a.apply(r, now)
	if err != nil {
		return out, err
	}
	answer, err := live.NewAnswer(r.cmd, out.Reply)
	if err != nil {
		return live.Outcome{}, err
	}
	return out, a.parts.set(&live.PartChange{ID: id, Part: answer, Due: now.Add(live.KeepAnswers).UnixMilli()}, 0)
}
