package question

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/egress"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/wire"
)

func TestAMessageGoesTheWayThatTheAppBackendSays(t *testing.T) {
	for _, tt := range []struct {
		name, body string
		want       live.Error // the refusal
		reply      live.MessageReply
		text       string // of the message that was sent
		outcome    string
	}{
		{name: "sent", body: `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`, reply: live.MessageReply{Seq: 1}, text: `{"Text":"hello"}`, outcome: allowed},
		{name: "changed", body: `{"ErrorCode":0,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"<*>"}}]}`,
			reply: live.MessageReply{Seq: 1}, text: `{"Text":"<*>"}`, outcome: changed},
		{name: "dropped", body: `{"ErrorCode":2}`, reply: live.MessageReply{DropReason: live.DroppedByBackend}, outcome: dropped},
		{name: "refused", body: `{"ErrorCode":1,"ErrorInfo":"no"}`, want: live.Error{Kind: live.MessageRefused, Info: "no"}, outcome: refused},
		{name: "refused with a code", body: `{"ErrorCode":10101,"ErrorInfo":"no links"}`,
			want: live.Error{Kind: live.MessageRefused, Code: 10101, Info: "no links"}, outcome: refused},
		{name: "a code that is not documented", body: `{"ErrorCode":7}`, reply: live.MessageReply{Seq: 1}, text: `{"Text":"hello"}`, outcome: failed},
		{name: "no valid answer", body: `<html>`, reply: live.MessageReply{Seq: 1}, text: `{"Text":"hello"}`, outcome: failed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, reg := messages(tt.body), prometheus.NewRegistry()
			out, err := ask(t, s.asker(func(o *Options) { o.Metrics = NewMetrics(reg) }), hello())
			if diff := cmp.Diff(tt.want, refusalOf(t, err)); diff != "" {
				t.Fatalf("refusal (-want +got):\n%s", diff)
			}
			got := live.MessageReply{}
			if out.Reply.Message != nil {
				got = *out.Reply.Message
			}
			if diff := cmp.Diff(tt.reply, got, cmpopts.IgnoreFields(live.MessageReply{}, "Time")); diff != "" {
				t.Errorf("reply (-want +got):\n%s", diff)
			}
			text := ""
			if len(s.events) == 1 {
				text = string(s.events[0].Change.(live.MessageSent).Body[0].Content)
			}
			if text != tt.text || len(s.events) > 1 {
				t.Errorf("sent %q of %d messages, want %q", text, len(s.events), tt.text)
			}
			outcomes, timed := counts(t, reg)
			if outcomes[tt.outcome] != 1 || timed != 1 {
				t.Errorf("outcomes %v, %d timed, want one that was %s", outcomes, timed, tt.outcome)
			}
		})
	}
}

func TestAGiftIsGivenOnlyWhenTheAppBackendSaysSo(t *testing.T) {
	const noAnswer = "the App backend was asked about the gift and gave no valid answer in time; nothing was sent, try again"
	open := wire.NotBlock
	for _, tt := range []struct {
		name, body string
		more       []string
		want       live.Error
	}{
		{name: "allowed", body: `{"ErrorCode":0}`},
		{name: "refused", body: `{"ErrorCode":1,"ErrorInfo":"no"}`, want: live.Error{Kind: live.GiftRefused, Info: "no"}},
		{name: "refused with a code", body: `{"ErrorCode":102123,"ErrorInfo":"poor"}`, want: live.Error{Kind: live.GiftRefused, Code: 102123, Info: "poor"}},
		{name: "no valid answer", body: ``, want: live.Error{Kind: live.GiftRefused, Info: noAnswer}},
		{name: "no ErrorCode", body: `{"ActionStatus":"OK"}`, want: live.Error{Kind: live.GiftRefused, Info: noAnswer}},
		{name: "no valid answer, and it does not block", body: ``, more: []string{open}},
		{name: "refused, and no answer would not block", body: `{"ErrorCode":1,"ErrorInfo":"no"}`, more: []string{open}, want: live.Error{Kind: live.GiftRefused, Info: "no"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := gifts(tt.body, tt.more...)
			_, err := ask(t, s.asker(), give{5})
			if diff := cmp.Diff(tt.want, refusalOf(t, err)); diff != "" {
				t.Fatalf("refusal (-want +got):\n%s", diff)
			}
			if given := len(s.events) == 1; given != (tt.want.Kind == 0) {
				t.Errorf("given: %t", given)
			}
		})
	}
}

// The parameters of the page in their order, the body of the page, and signatures that the public receiver takes.
func TestAQuestionIsSentAsTheDocumentsSay(t *testing.T) {
	secret := "whsec_" + strings.Repeat("QUJD", 10)
	synctest.Test(t, func(t *testing.T) {
		s := gifts(`{"ErrorCode":0}`)
		s.app.Token = &live.Token{Token: "xxxxyyyy", Enabled: true}
		s.app.SigningSecrets = []string{secret}
		s.app.CallbackTLS = live.TLSFiles{CA: "ca.pem"}
		s.app.Delivery.Timeout = 30 * time.Second
		now := time.Now()
		if _, err := ask(t, s.asker(), give{1000}); err != nil {
			t.Fatal(err)
		}
		if len(s.asked) != 1 {
			t.Fatalf("%d questions, want 1", len(s.asked))
		}
		q := s.asked[0]
		wantURL := fmt.Sprintf("http://192.0.2.1/cb?key=url-secret&SdkAppid=1400000001&CallbackCommand=Live.CallbackBeforeSendGift&contenttype=json"+
			"&ClientIP=127.0.0.1&OptPlatform=RESTAPI&Sign=%s&RequestTime=%d", callback.Sign("xxxxyyyy", now.Unix()), now.Unix())
		if diff := cmp.Diff(wantURL, q.URL); diff != "" {
			t.Errorf("URL (-want +got):\n%s", diff)
		}
		wantBody := fmt.Sprintf(`{"CallbackCommand":"Live.CallbackBeforeSendGift","Operator_Account":"administrator","RoomId":"r1",`+
			`"GiftWater":{"From_Account":"user1","To_Account":["host"],"Time":%d,"GiftId":"gift1","Count":2,"Coins":1000}}`, now.Unix())
		if diff := cmp.Diff(wantBody, string(q.Body)); diff != "" {
			t.Errorf("body (-want +got):\n%s", diff)
		}
		if q.Timeout != Timeout || q.TLS.CA != "ca.pem" {
			t.Errorf("timeout %v and TLS %+v, want %v and those of the callback", q.Timeout, q.TLS, Timeout)
		}
		if got := q.Header.Get(callback.HeaderCause); got != "Id-1" || q.Header.Get(callback.HeaderSeq) != "" {
			t.Errorf("headers %v, want the cause and no number", q.Header)
		}
		signer, err := callback.NewSigner(secret)
		if err != nil {
			t.Fatal(err)
		}
		if err := signer.Verify(q.Header, q.Body, now); err != nil {
			t.Errorf("verify: %v", err)
		}
	})
}

func TestNobodyIsAskedWhoDidNotWantTo(t *testing.T) {
	word := wire.TopicCommand(live.TopicMessage)
	for _, tt := range []struct {
		name string
		app  func(*live.App)
		cmd  live.Command
	}{
		{"another command", func(*live.App) {}, live.DestroyRoom{Room: r1}},
		{"another topic", func(*live.App) {}, give{1}},
		{"no callback", func(a *live.App) { a.Callback = nil }, hello()},
		{"no callback URL, but endpoints", func(a *live.App) {
			a.Callback = &live.Callback{Commands: []string{word}}
			a.Endpoints = []live.Endpoint{{Name: "e", Destination: live.Destination{URL: "http://192.0.2.2/"}}}
		}, hello()},
		{"the switch is off", func(a *live.App) { a.Callback.Commands = []string{"Group.CallbackAfterSendMsg"} }, hello()},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := messages(`{"ErrorCode":1}`)
			tt.app(s.app)
			if _, err := ask(t, s.asker(), tt.cmd); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]live.Command{tt.cmd}, s.did); diff != "" || len(s.asked) != 0 {
				t.Errorf("%d questions, and commands (-want +got):\n%s", len(s.asked), diff)
			}
		})
	}
}

func TestWhatWouldBeRefusedAnywayIsNotAsked(t *testing.T) {
	s := messages(`{"ErrorCode":0}`)
	for _, cmd := range []live.SendText{{Room: "other", From: user1, Text: "a"}, {Room: r1, From: user1}} {
		if _, err := ask(t, s.asker(), cmd); err == nil {
			t.Errorf("%+v was done", cmd)
		}
	}
	s.parts[live.MuteOf(r1, user1)] = &live.Mute{Until: time.Now().Add(time.Hour).Unix()}
	_, err := ask(t, s.asker(), hello())
	if refusalOf(t, err).Kind != live.MemberMuted || len(s.asked) != 0 {
		t.Errorf("%d questions and %v, want none and that the sender is muted", len(s.asked), err)
	}
}

// Between rehearsal and answer anything may happen.
func TestTheRulesRunAgainAfterTheAnswer(t *testing.T) {
	s := messages("")
	s.answer = func(context.Context, egress.Request) egress.Answer {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.rooms, r1)
		return egress.Answer{Status: http.StatusOK, Body: []byte(`{"ErrorCode":0}`)}
	}
	_, err := ask(t, s.asker(), hello())
	if refusalOf(t, err).Kind != live.RoomNotFound || len(s.events) != 0 {
		t.Errorf("%v and %d messages, want that there is no room", err, len(s.events))
	}
}

func TestWhatWasDoneUnderAKeyIsNotAskedAgain(t *testing.T) {
	withKey := func(a *live.Actor) { a.Key = "k1" }
	for _, body := range []string{
		`{"ErrorCode":0}`, `{"ErrorCode":2}`,
		`{"ErrorCode":0,"CloudCustomData":"x","MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"***"}}]}`,
	} {
		s := messages(body)
		a := s.asker()
		first, err := ask(t, a, hello(), withKey)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ask(t, a, hello(), withKey, func(by *live.Actor) { by.Cause = "Id-2" })
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(first.Reply, again.Reply); diff != "" || len(s.asked) != 1 || len(s.events) > 1 {
			t.Errorf("%d questions, %d messages, replies (-first +again):\n%s", len(s.asked), len(s.events), diff)
		}
		other := hello()
		other.Text = "another"
		if _, err := ask(t, a, other, withKey); refusalOf(t, err).Kind != live.InvalidParameter || len(s.asked) != 1 {
			t.Errorf("another call under the key: %v after %d questions, want a refusal after 1", err, len(s.asked))
		}
	}
	// A refusal has done nothing, so it is not kept.
	s := messages(`{"ErrorCode":1}`)
	a := s.asker()
	for range 2 {
		if _, err := ask(t, a, hello(), withKey); refusalOf(t, err).Kind != live.MessageRefused {
			t.Errorf("got %v, want a refusal", err)
		}
	}
	if len(s.asked) != 2 {
		t.Errorf("%d questions, want 2", len(s.asked))
	}
}

func TestAnAppBackendThatHangsHasTwoSeconds(t *testing.T) {
	for _, s := range []*stage{messages("").hangs(), gifts("").hangs(), gifts("", wire.NotBlock).hangs()} {
		synctest.Test(t, func(t *testing.T) {
			begun := time.Now()
			cmd := live.Command(hello())
			if wants(s.app, wire.TopicCommand(live.TopicGift)) {
				cmd = give{1}
			}
			_, err := ask(t, s.asker(), cmd)
			if took := time.Since(begun); took != Timeout {
				t.Errorf("it took %v, want %v", took, Timeout)
			}
			blocks := len(s.app.Callback.Commands) == 1 && cmd == give{1}
			if (refusalOf(t, err).Kind == live.GiftRefused) != blocks {
				t.Errorf("got %v, want it refused: %t", err, blocks)
			}
		})
	}
}

func TestACallerWhoLeavesAndAServerThatStopsHaveNothingDone(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(*Asker, context.CancelFunc)
	}{
		{"the caller leaves", func(_ *Asker, leave context.CancelFunc) { leave() }},
		{"the server stops", func(a *Asker, _ context.CancelFunc) { a.Close() }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, reg := messages("").hangs(), prometheus.NewRegistry()
				a := s.asker(func(o *Options) { o.Metrics = NewMetrics(reg) })
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				done := make(chan error, 1)
				begun := time.Now()
				go func() {
					_, err := a.Do(ctx, testApp, caller, hello())
					done <- err
				}()
				time.Sleep(time.Second)
				tt.end(a, cancel)
				if err := <-done; refusalOf(t, err).Kind != live.Unavailable || len(s.events) != 0 || time.Since(begun) != time.Second {
					t.Errorf("%v and %d messages after %v, want nothing done at once", err, len(s.events), time.Since(begun))
				}
				if outcomes, timed := counts(t, reg); outcomes[failed] != 0 || timed != 0 {
					t.Error("a question that was ended from here counts against the App backend")
				}
			})
		})
	}
}

func TestQuestionsUnderWayAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := messages("")
		under, most := 0, 0
		s.answer = func(context.Context, egress.Request) egress.Answer {
			s.mu.Lock()
			under++
			most = max(most, under)
			s.mu.Unlock()
			time.Sleep(600 * time.Millisecond)
			s.mu.Lock()
			under--
			s.mu.Unlock()
			return egress.Answer{Status: http.StatusOK, Body: []byte(`{"ErrorCode":1}`)}
		}
		a := s.asker(func(o *Options) { o.OfApp = 3 })
		var calls sync.WaitGroup
		var refusals, sent int
		for range 20 {
			calls.Go(func() {
				_, err := a.Do(t.Context(), testApp, caller, hello())
				s.mu.Lock()
				defer s.mu.Unlock()
				if err != nil {
					refusals++
				} else {
					sent++
				}
			})
		}
		calls.Wait()
		// In 2 s, 3 at a time have their turn 4 times; those who got none are not asked, and a message passes then.
		if most != 3 || len(s.asked) != 12 || refusals != 12 || sent != 8 {
			t.Errorf("%d under way at one time, %d asked, %d refused, %d sent", most, len(s.asked), refusals, sent)
		}
		if len(a.turns.apps) != 0 || len(a.turns.all) != 0 {
			t.Error("turns were not given back")
		}
	})
}

func TestAFailureIsToldOnceASecondAndWithoutSecrets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := messages(`{"ErrorCode":"answer-secret"}`)
		s.app.Token = &live.Token{Token: "token-secret", Enabled: true}
		var log bytes.Buffer
		a := s.asker(func(o *Options) { o.Log = slog.New(slog.NewTextHandler(&log, nil)) })
		for range 5 {
			if _, err := ask(t, a, hello()); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Second)
		s.answer = func(context.Context, egress.Request) egress.Answer {
			return egress.Answer{Failure: egress.Connect, Err: errors.New("connect: refused")}
		}
		if _, err := ask(t, a, hello()); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(log.String()), "\n")
		if len(lines) != 2 || !strings.Contains(lines[0], "without an ErrorCode") || !strings.Contains(lines[1], "failed_since_last_told=4") ||
			!strings.Contains(lines[1], "connect: refused") || strings.Contains(log.String(), "secret") {
			t.Errorf("log:\n%s", log.String())
		}
	})
}

func TestASecretThatCannotBeUsedIsNotPassedOver(t *testing.T) {
	s := gifts(`{"ErrorCode":0}`)
	s.app.SigningSecrets = []string{"whsec_short"}
	_, err := ask(t, s.asker(), give{1})
	if refusalOf(t, err).Kind != live.GiftRefused || len(s.asked) != 0 {
		t.Errorf("%v after %d questions, want a refusal and no unsigned question", err, len(s.asked))
	}
}
