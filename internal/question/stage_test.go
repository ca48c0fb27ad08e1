package question

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/callboard/callboard/internal/egress"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/wire"
)

const (
	testApp live.AppID   = 1400000001
	r1      live.RoomID  = "r1"
	user1   live.Account = "user1"
)

var caller = live.Actor{Account: "administrator", ClientIP: "127.0.0.1", Platform: live.PlatformREST, Cause: "Id-1"}

// stage is an engine with one App, in memory, and an App backend: it runs the rules and keeps what they lead to.
type stage struct {
	mu     sync.Mutex
	app    *live.App
	rooms  map[live.RoomID]*live.Room
	parts  map[live.PartID]live.Part
	events []live.Event
	did    []live.Command

	// answer is the App backend.
	answer func(context.Context, egress.Request) egress.Answer
	asked  []egress.Request
}

func newStage(commands ...string) *stage {
	return &stage{
		app: &live.App{ID: testApp, Callback: &live.Callback{URL: "http://192.0.2.1/cb?key=url-secret", Commands: commands}},
		rooms: map[live.RoomID]*live.Room{
			r1: {ID: r1, Owner: "host"},
		},
		parts: map[live.PartID]live.Part{},
	}
}

// messages is a stage whose App is asked about messages, and answers so.
func messages(body string) *stage { return newStage(wire.TopicCommand(live.TopicMessage)).says(body) }

func gifts(body string, more ...string) *stage {
	return newStage(append(more, wire.TopicCommand(live.TopicGift))...).says(body)
}

func (s *stage) says(body string) *stage {
	s.answer = func(context.Context, egress.Request) egress.Answer {
		return egress.Answer{Status: http.StatusOK, Body: []byte(body)}
	}
	return s
}

// hangs gives no answer as long as the sender waits.
func (s *stage) hangs() *stage {
	s.answer = func(ctx context.Context, r egress.Request) egress.Answer {
		timer := time.NewTimer(r.Timeout)
		defer timer.Stop()
		select {
		case <-timer.C:
			return egress.Answer{Failure: egress.Timeout, Err: errors.New("timed out while waiting for the answer")}
		case <-ctx.Done():
			return egress.Answer{Failure: egress.Canceled, Err: ctx.Err()}
		}
	}
	return s
}

// Send implements [Sender].
func (s *stage) Send(ctx context.Context, r egress.Request) egress.Answer {
	s.mu.Lock()
	s.asked = append(s.asked, r)
	s.mu.Unlock()
	return s.answer(ctx, r)
}

// App implements [Engine] and [live.State], by its two faces.
func (s *stage) App(id live.AppID) *live.App {
	if id != testApp {
		return nil
	}
	return s.app
}

// state is the stage as rules see it.
type state struct{ *stage }

func (s state) App() *live.App                 { return s.app }
func (state) Rooms() int64                     { return 0 }
func (s state) Room(id live.RoomID) *live.Room { return s.rooms[id] }
func (s state) Part(id live.PartID) live.Part  { return s.parts[id] }

// Do implements [Engine], with idempotency keys as the engine has them.
func (s *stage) Do(_ context.Context, _ live.AppID, by live.Actor, cmd live.Command) (live.Outcome, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.did = append(s.did, cmd)
	c, ok := cmd.(live.RoomCommand)
	if !ok {
		return live.Outcome{}, nil
	}
	if err := c.Check(); err != nil {
		return live.Outcome{}, err
	}
	id := live.AnswerOf(by.Key)
	if given, ok := s.parts[id].(*live.Answer); ok && by.Key != "" {
		return given.Again(c)
	}
	out, err := c.Apply(state{s}, by, time.Now())
	if err != nil {
		return out, err
	}
	for _, p := range out.Parts {
		s.parts[p.ID] = p.Part
	}
	s.events = append(s.events, out.Events...)
	if by.Key != "" {
		if s.parts[id], err = live.NewAnswer(c, out.Reply); err != nil {
			return out, err
		}
	}
	return out, nil
}

func (s *stage) asker(change ...func(*Options)) *Asker {
	opt := Options{Engine: s, Sender: s}
	for _, c := range change {
		c(&opt)
	}
	return New(opt)
}

// ask has a command done.
func ask(t *testing.T, a *Asker, cmd live.Command, change ...func(*live.Actor)) (live.Outcome, error) {
	t.Helper()
	by := caller
	for _, c := range change {
		c(&by)
	}
	return a.Do(t.Context(), testApp, by, cmd)
}

func hello() live.SendText { return live.SendText{Room: r1, From: user1, Text: "hello"} }

// give is a gift, as the rules of gifts have it.
type give struct{ Price int64 }

func (give) Name() string      { return "send_gift" }
func (give) Names() live.Names { return live.Names{Room: r1} }
func (give) Check() error      { return nil }
func (give) Topic() live.Topic { return live.TopicGift }

func (give) Apply(s live.State, _ live.Actor, _ time.Time) (live.Outcome, error) {
	if s.Room(r1) == nil {
		return live.Outcome{}, live.Refuse(live.RoomNotFound, "no room")
	}
	return live.Outcome{Room: s.Room(r1), Events: []live.Event{{Room: r1}}}, nil
}

func (g give) Question(_ live.State, _ live.Actor, now time.Time) live.Question {
	return live.GiftQuestion{Room: r1, GiftWater: live.GiftWater{
		From: user1, To: []live.Account{"host"}, Time: now.Unix(), Gift: "gift1", Count: 2, Coins: g.Price,
	}}
}

func (g give) Ruled(r live.Ruling) (live.RoomCommand, error) { return g, r.Gift() }

func refusalOf(t *testing.T, err error) live.Error {
	t.Helper()
	if err == nil {
		return live.Error{}
	}
	var refusal *live.Error
	if !errors.As(err, &refusal) {
		t.Fatalf("error %v, want a refusal", err)
	}
	return *refusal
}
