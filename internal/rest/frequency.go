package rest

import (
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"github.com/callboard/callboard/internal/live"
)

// frequency is how often an App may make a call in a second, and how one more is refused.
type frequency struct {
	perSecond int
	refusal   live.Kind
}

// usual is the frequency of all calls that are not among frequencies. Spec: REST 1.5.
var usual = frequency{200, live.CallTooFrequent}

var (
	mixing    = frequency{20, live.CallTooFrequent}
	statistic = frequency{100, live.CallTooFrequent}
	robots    = frequency{100, live.CallTooFrequent}
	// gifts is that of the configuration of gifts, whose pages have a code of their own for it.
	gifts = frequency{1, live.TooFrequent}
)

// frequencies are those that differ from the usual one. Spec: REST 2.5, 2.9 to 2.11, 5.3 and 6.
var frequencies = map[string]frequency{
	"get_room_list":      {10, live.CallTooFrequent},
	"set_mix_stream":     mixing,
	"resume_mcu_task":    mixing,
	"get_room_stats":     statistic,
	"get_room_statistic": statistic,
	"add_robot":          robots,
	"del_robot":          robots,
	"get_robot":          robots,

	"add_gift": gifts, "edit_gift": gifts, "del_gift": gifts, "get_gift": gifts,
	"add_gift_category": gifts, "edit_gift_category": gifts, "del_gift_category": gifts, "get_gift_category": gifts,
	"add_gift_category_relations": gifts, "del_gift_category_relations": gifts, "get_gift_category_relations": gifts,
	"set_gift_language": gifts, "get_gift_language": gifts, "del_gift_language": gifts,
	"set_gift_category_language": gifts, "get_gift_category_language": gifts, "del_gift_category_language": gifts,
}

func frequencyOf(command string) frequency {
	if f, ok := frequencies[command]; ok {
		return f
	}
	return usual
}

const (
	// creationPause is how long a RoomId may not be named by a second create_room. Spec: REST 1.5.
	creationPause = time.Second
	// maxPaused is the most RoomIds that are known to be in their pause: those of 80 Apps which create rooms as often as they
	// may. Beyond it the oldest is forgotten, and may be named again too early.
	maxPaused = 16_384
)

// pacer refuses calls that come too often. A call that is refused does not count. There is one limiter for each App that is
// limited and each call that it has made.
type pacer struct {
	mu      sync.Mutex
	calls   map[pacedCall]*rate.Limiter
	created *lru.Cache[pacedRoom, time.Time] // nil until one is
}

type pacedCall struct {
	app     live.AppID
	command string
}

type pacedRoom struct {
	app live.AppID
	id  live.RoomID
}

// admit refuses a call that the App makes too often.
func (p *pacer) admit(app *live.App, command string, now time.Time) error {
	if !app.DocumentedLimits {
		return nil
	}
	f := frequencyOf(command)
	if p.limiter(pacedCall{app.ID, command}, f).AllowN(now, 1) {
		return nil
	}
	return live.Refuse(f.refusal, "%s is called more often than is documented for an App: %d a second (limits: documented); try again a second later",
		command, f.perSecond)
}

func (p *pacer) limiter(call pacedCall, f frequency) *rate.Limiter {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.calls == nil {
		p.calls = map[pacedCall]*rate.Limiter{}
	}
	l := p.calls[call]
	if l == nil {
		l = rate.NewLimiter(rate.Limit(f.perSecond), f.perSecond)
		p.calls[call] = l
	}
	return l
}

// admitCommand refuses what comes too often for what it names: the creation of one room. Spec: REST 1.5.
func (p *pacer) admitCommand(app *live.App, cmd live.Command, now time.Time) error {
	create, ok := cmd.(live.CreateRoom)
	if !ok || !app.DocumentedLimits {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.created == nil {
		p.created = newPauses()
	}
	room := pacedRoom{app.ID, create.Room}
	if last, ok := p.created.Get(room); ok && now.Sub(last) < creationPause {
		return live.Refuse(live.TooFrequent, "create_room has named the RoomId %q less than a second ago (limits: documented); try again a second later", create.Room)
	}
	p.created.Add(room, now)
	return nil
}

func newPauses() *lru.Cache[pacedRoom, time.Time] {
	cache, err := lru.New[pacedRoom, time.Time](maxPaused)
	if err != nil {
		panic("rest: " + err.Error()) // the size is a constant above 0
	}
	return cache
}
