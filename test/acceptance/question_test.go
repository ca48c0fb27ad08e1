//go:build unix

package acceptance

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/liveapi"
)

// moderator is an App backend that does with a message what its text says.
type moderator struct {
	url   string
	asked chan string                    // texts that it was asked about
	told  chan callback.AfterSendMessage // messages that were sent
}

func newModerator(t *testing.T, token, secret string) *moderator {
	t.Helper()
	m := &moderator{asked: make(chan string, 64), told: make(chan callback.AfterSendMessage, 64)}
	closing := make(chan struct{})
	h := &callback.Handler{
		SDKAppID: sdkAppID, Token: token, SigningSecrets: []string{secret}, ErrorLog: slog.New(slog.DiscardHandler),
		OnBeforeSendMessage: func(_ context.Context, _ callback.Delivery, q callback.BeforeSendMessage) (callback.MessageAnswer, error) {
			text := textOf(q.MsgBody)
			m.asked <- text
			switch text {
			case "refuse":
				return callback.MessageAnswer{}, errors.New("no")
			case "refuse with a code":
				return callback.MessageAnswer{}, &callback.Error{Code: 10150, Info: "no links"}
			case "drop":
				return callback.MessageAnswer{Drop: true}, nil
			case "rewrite":
				data := "moderated"
				return callback.MessageAnswer{
					MsgBody: []callback.MessageElement{{MsgType: "TIMTextElem", MsgContent: json.RawMessage(`{"Text":"***"}`)}}, CloudCustomData: &data,
				}, nil
			case "hang":
				<-closing
			}
			return callback.MessageAnswer{}, nil
		},
		OnAfterSendMessage: func(_ context.Context, _ callback.Delivery, p callback.AfterSendMessage) error {
			m.told <- p
			return nil
		},
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		close(closing)
		s.Close()
	})
	m.url = s.URL + "/callback"
	return m
}

func textOf(body []callback.MessageElement) string {
	var content struct{ Text string }
	if len(body) != 1 || json.Unmarshal(body[0].MsgContent, &content) != nil {
		return ""
	}
	return content.Text
}

// await takes what must come.
func await[T any](t *testing.T, what string, from <-chan T) T {
	t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	select {
	case v := <-from:
		return v
	case <-limit.C:
		t.Fatalf("no %s came", what)
	}
	panic("not reached")
}

var messageCommands = []callback.Command{callback.CommandBeforeSendMessage, callback.CommandAfterSendMessage}

// The receiver verifies Sign and both signatures, so what it is asked was signed.
func TestAnAppBackendDecidesAboutMessages(t *testing.T) {
	t.Parallel()
	const token, secret = "moderator-token", "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU="
	s, m := newSite(t), newModerator(t, token, secret)
	s.configure(t, setup{url: m.url, commands: messageCommands, token: token, secrets: []string{secret}})
	p := s.serve(t)
	c := s.client(t, p)
	createRoom(t, c, "r1")
	send := func(text string) (liveapi.SendMsgResponse, error) {
		got, err := c.SendTextMsg(t.Context(), liveapi.SendTextMsgRequest{RoomID: "r1", SenderAccount: "user1", TextContent: text, ExtensionInfo: `{"a":1}`})
		if asked := await(t, "question", m.asked); asked != text {
			t.Errorf("asked about %q, want %q", asked, text)
		}
		return got, err
	}
	sent := func(seq int64, text, data string) {
		t.Helper()
		got := await(t, "callback", m.told)
		if got.GroupID != "r1" || got.FromAccount != "user1" || got.MsgSeq != seq || textOf(got.MsgBody) != text || got.CloudCustomData != data {
			t.Errorf("told of %+v, want %q as number %d with %q", got, text, seq, data)
		}
	}
	if got, err := send("hello"); err != nil || got.MsgSeq != 1 || got.MsgTime == 0 || got.MsgDropReason != "" {
		t.Fatalf("got %+v, %v, want number 1", got, err)
	}
	sent(1, "hello", `{"a":1}`)

	_, err := send("refuse")
	infoOf(t, err, liveapi.CodeMessageRefused)
	_, err = send("refuse with a code")
	if info := infoOf(t, err, 10150); info != "no links" {
		t.Errorf("ErrorInfo %q, want that of the App backend", info)
	}
	if got, err := send("drop"); err != nil || got.MsgSeq != 0 || got.MsgDropReason != "BeforeSendMsg" {
		t.Errorf("got %+v, %v, want a message that was dropped", got, err)
	}
	if got, err := send("rewrite"); err != nil || got.MsgSeq != 2 {
		t.Errorf("got %+v, %v, want number 2", got, err)
	}
	sent(2, "***", "moderated")

	begun := time.Now()
	if got, err := send("hang"); err != nil || got.MsgSeq != 3 {
		t.Errorf("got %+v, %v, want number 3", got, err)
	}
	if took := time.Since(begun); took < 1900*time.Millisecond {
		t.Errorf("it took %v, want the 2 s that an App backend has", took)
	}
	sent(3, "hang", `{"a":1}`)
	wantTexts(t, p.stderr.String(), "the App backend gave no valid answer to a question", "timed out")
	wantNoSecret(t, p, append(s.secrets(), token, secret)...)
}

func TestWhatWouldBeRefusedIsNotAskedAndWhatWasDoneUnderAKeyNeither(t *testing.T) {
	t.Parallel()
	const secret = "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU="
	s, m := newSite(t), newModerator(t, "", secret)
	s.configure(t, setup{url: m.url, commands: messageCommands, secrets: []string{secret}})
	p := s.serve(t)
	c := s.client(t, p)
	createRoom(t, c, "r1")
	if err := c.UpdateRoomInfo(t.Context(), liveapi.RoomUpdate{RoomID: "r1", IsMessageDisabled: new(true)}); err != nil {
		t.Fatal(err)
	}
	_, err := c.SendTextMsg(t.Context(), liveapi.SendTextMsgRequest{RoomID: "r1", SenderAccount: "user1", TextContent: "muted"})
	infoOf(t, err, liveapi.CodeMemberMuted)

	r := request{
		path: "/v4/group_open_http_svc/send_group_msg", query: s.query(t),
		body:   `{"GroupId":"r1","Random":7,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"rewrite"}}]}`,
		header: http.Header{liveapi.HeaderIdempotencyKey: {"once"}},
	}
	first := r.send(t, httpClient(t, nil), p)
	again := r.send(t, httpClient(t, nil), p)
	if first.ErrorCode != 0 || !strings.Contains(first.text, `"MsgSeq":1}`) || withoutID(first) != withoutID(again) {
		t.Errorf("answers %s and %s, want number 1 beside the envelope, twice", first.text, again.text)
	}
	if asked := await(t, "question", m.asked); asked != "rewrite" {
		t.Errorf("asked about %q, want only what can be sent", asked)
	}
	if got := await(t, "callback", m.told); got.MsgSeq != 1 || got.Random != 7 || got.FromAccount != administrator || textOf(got.MsgBody) != "***" {
		t.Errorf("told of %+v", got)
	}
	if n := len(m.asked) + len(m.told); n != 0 {
		t.Errorf("%d more questions and callbacks, want none", n)
	}
}

func withoutID(r reply) string { return strings.ReplaceAll(r.text, r.RequestID, "") }

// A question takes 2 s and what follows more; the stop does not wait for it.
func TestAStopEndsAQuestionAndDoesNothing(t *testing.T) {
	t.Parallel()
	const secret = "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU="
	s, m := newSite(t), newModerator(t, "", secret)
	s.configure(t, setup{url: m.url, commands: messageCommands, secrets: []string{secret}})
	p := s.serve(t)
	c := s.client(t, p)
	createRoom(t, c, "r1")
	ended := make(chan error, 1)
	go func() {
		_, err := c.SendTextMsg(t.Context(), liveapi.SendTextMsgRequest{RoomID: "r1", SenderAccount: "user1", TextContent: "hang"})
		ended <- err
	}()
	await(t, "question", m.asked)
	p.signal(t, syscall.SIGTERM)
	if info := infoOf(t, await(t, "answer", ended), liveapi.CodeInternal); !strings.Contains(info, "nothing was done") {
		t.Errorf("ErrorInfo %q, want that nothing was done", info)
	}
	if code := p.exit(t, stopLimit); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
	if len(m.told) != 0 {
		t.Error("the message was sent")
	}
}
