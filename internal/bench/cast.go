package bench

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

// cast are the rooms of one App in mixed. Each lives a life again and again: it is created, changed and destroyed. A room is
// used by one call at a time, and its rooms take turns.
type cast struct {
	client *fasthttp.HostClient
	app    int
	urls   [remove + 1]string
	script *script
	// rest is how long some rooms stay destroyed: long enough for the log to forget them.
	rest time.Duration

	done    atomic.Int64 // calls that were answered OK
	unknown atomic.Int64 // calls that were not

	ready chan *player // in their turn

	mu      sync.Mutex
	resting []*player // in the order of waking
	number  uint32    // the last name that was given
	deaths  int
	answers []float64 // milliseconds of each call
	first   string    // what the first of the unknown got
}

// player is a room.
type player struct {
	index int
	name  string
	wakes time.Time
	step  int // in this life; 0: the room is not there
	last  int // the step at which it is destroyed
	admin uint32
	label uint32 // of its RoomName
}

// Lives of rooms.
const (
	mixedName = 'm'
	lifeSteps = 25
	// restOneIn is how many rooms are destroyed for each that stays away long.
	restOneIn = 40
)

// calls of the kinds.
var callNames = [...]string{
	create: "create_room", destroy: "destroy_room", update: "update_room_info", change: "change_room_owner",
	add: "modify_admin", remove: "modify_admin",
}

// newCast has space for the times of as many calls as the script.
func newCast(client *fasthttp.HostClient, app, rooms int, s *script, rest time.Duration) (*cast, error) {
	sig, err := signature(app)
	if err != nil {
		return nil, err
	}
	c := &cast{client: client, app: app, script: s, rest: rest, ready: make(chan *player, rooms)}
	c.answers = make([]float64, 0, cap(s.apps[app].times))
	for kind, name := range callNames {
		c.urls[kind] = callURL(client.Addr, name, app, sig)
	}
	for i := range rooms {
		// First lives are of all lengths, so that rooms come and go from the beginning.
		c.ready <- &player{index: i, name: roomName(i), last: 1 + i%lifeSteps}
	}
	return c, nil
}

// play makes one call that was to be made at the given time.
func (c *cast) play(ctx context.Context, intended time.Time) {
	p := c.next(ctx, time.Now())
	if p == nil {
		return
	}
	kind, number := c.part(p)
	c.script.expect(c.app, p.index, kind, number, intended)
	url, begun := c.urls[kind]+strconv.FormatInt(c.done.Load(), 10), time.Now()
	if err := post(c.client, url, mixedRequest(kind, p.name, accountName(mixedName, int64(number)))); err != nil {
		c.script.doubt(c.app, p.index)
		c.fail(err.Error())
		return // the room is not used again: nobody knows how it is
	}
	c.done.Add(1)
	c.answered(time.Since(begun))
	c.back(p, kind, number)
}

func (c *cast) answered(took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answers = append(c.answers, milliseconds(took))
}

// next takes the room whose turn it is, and waits for one when all are in use; nil: ctx has ended.
func (c *cast) next(ctx context.Context, now time.Time) *player {
	if p := c.woken(now); p != nil {
		return p
	}
	select {
	case p := <-c.ready:
		return p
	case <-ctx.Done():
		return nil
	}
}

// woken takes a room that has rested long enough; nil: there is none.
func (c *cast) woken(now time.Time) (p *player) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.resting) > 0 && now.After(c.resting[0].wakes) {
		p, c.resting = c.resting[0], c.resting[1:]
	}
	return p
}

// part says what is to be done with a room, and the number that will make it known.
func (c *cast) part(p *player) (actKind, uint32) {
	switch kind := p.kind(); kind {
	case destroy:
		return kind, p.label // its callback has the room's name
	case remove:
		return kind, p.admin
	default:
		c.mu.Lock()
		defer c.mu.Unlock()
		c.number++
		return kind, c.number
	}
}

// kind is what the room's next call does: mostly its administrator comes or goes.
func (p *player) kind() actKind {
	switch {
	case p.step == 0:
		return create
	case p.step >= p.last:
		return destroy
	case p.step%10 == 3:
		return change
	case p.step%10 == 5 || p.step%10 == 8:
		return update
	case p.admin != 0:
		return remove
	}
	return add
}

// back gives a room back after its call.
func (c *cast) back(p *player, kind actKind, number uint32) {
	p.step++
	switch kind {
	case create, update:
		p.label = number
	case add:
		p.admin = number
	case remove:
		p.admin = 0
	case destroy:
		p.step, p.last, p.admin = 0, lifeSteps, 0
		if c.rests(p) {
			return
		}
	}
	c.ready <- p // there is space for all of them
}

// rests lets a room that was destroyed stay away, when it is one of those that do.
func (c *cast) rests(p *player) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.deaths++; c.deaths%restOneIn != 0 {
		return false
	}
	p.wakes = time.Now().Add(c.rest)
	c.resting = append(c.resting, p)
	return true
}

func (c *cast) fail(why string) {
	c.unknown.Add(1)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.first == "" {
		c.first = why
	}
}

// problems tells of calls that were not answered OK.
func (c *cast) problems() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := c.unknown.Load(); n > 0 {
		return []string{fmt.Sprintf("%d of %d calls of App %d were not answered OK; the first: %s", n, n+c.done.Load(), c.app, c.first)}
	}
	return nil
}

// mixedRequest is the body of a call; name is what is new: a room's name or an account.
func mixedRequest(kind actKind, room, name string) []byte {
	b := make([]byte, 0, 160)
	switch kind {
	case create:
		b = append(append(b, `{"RoomInfo":{"RoomType":"Live","Owner_Account":"anchor","RoomId":"`...), room...)
		return append(append(append(b, `","RoomName":"`...), name...), `"}}`...)
	case update:
		b = append(append(b, `{"RoomInfo":{"RoomId":"`...), room...)
		return append(append(append(b, `","RoomName":"`...), name...), `"}}`...)
	case destroy:
		return append(append(append(b, `{"RoomId":"`...), room...), `"}`...)
	case change:
		b = append(append(b, `{"RoomId":"`...), room...)
		return append(append(append(b, `","NewOwner_Account":"`...), name...), `"}`...)
	}
	return toggle{account: name, gone: kind == remove}.request(room)
}
