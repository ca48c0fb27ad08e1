package delivery

import (
	"bytes"
	"sync/atomic"

	"github.com/callboard/callboard/internal/delivery/policy"
	"github.com/callboard/callboard/internal/eventlog"
)

// known remembers the last answer that was accepted under both profiles: App backends mostly send the same bytes each time,
// and taking them apart costs a tenth of a whole delivery. It may be used by any number of goroutines.
type known struct{ last atomic.Pointer[knownAnswer] }

type knownAnswer struct {
	status  int
	body    []byte
	strict  bool
	outcome policy.Outcome
}

// knownBytes bounds what is remembered of each reader.
const knownBytes = 256

// classify is policy.Classify.
func (k *known) classify(a policy.Answer, strict bool) policy.Outcome {
	if l := k.last.Load(); l != nil && a.Failure == "" && !a.TooLarge && a.Status == l.status && strict == l.strict && bytes.Equal(a.Body, l.body) {
		return l.outcome
	}
	o := policy.Classify(a, strict)
	if o.Durable == eventlog.Delivered && o.Cloud == eventlog.Delivered && len(a.Body) <= knownBytes {
		k.last.Store(&knownAnswer{status: a.Status, body: bytes.Clone(a.Body), strict: strict, outcome: o})
	}
	return o
}
