//go:build unix

package acceptance

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/pgtest"
	"github.com/callboard/callboard/liveapi"
)

// deaf is a connection from which no answer comes: what arrives is thrown away until it breaks.
type deaf struct{ net.Conn }

func (d deaf) Read(b []byte) (int, error) {
	for {
		if n, err := d.Conn.Read(b); err != nil {
			return n, err
		}
	}
}

// deafTransport hears nothing on its first connections.
func deafTransport(connections int64) *http.Transport {
	var made atomic.Int64
	return &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		if err == nil && made.Add(1) <= connections {
			return deaf{conn}, nil
		}
		return conn, err
	}}
}

// deafClient calls a process and hears no answer on its first connections.
func (s *site) deafClient(t *testing.T, p *process, connections int64, attempts int) *liveapi.Client {
	t.Helper()
	c, err := liveapi.NewClient(liveapi.Options{
		BaseURL: "http://" + p.address, SDKAppID: sdkAppID, Identifier: administrator, UserSig: s.sign(t, adminClaims()),
		HTTPClient: httpClient(t, deafTransport(connections)), Attempts: attempts,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// keyed is a site whose process is killed after a change was committed and before its caller heard of it.
type keyed struct {
	*testing.T
	s     *site
	b     *backend
	p     *process
	flags []string
	seen  int64 // the highest Seq that has arrived
}

// lost makes a call whose answer is lost: when its callback has arrived, the process is killed.
func (k *keyed) lost(call func(context.Context, *liveapi.Client) error) {
	k.Helper()
	k.lostAfter(func() { k.told() }, call)
}

// lostAfter makes a call whose answer is lost: the process is killed when committed returns.
func (k *keyed) lostAfter(committed func(), call func(context.Context, *liveapi.Client) error) {
	k.Helper()
	ctx, cancel := context.WithCancel(k.Context())
	defer cancel()
	ended := make(chan error, 1)
	client := k.s.deafClient(k.T, k.p, 1, 1)
	go func() { ended <- call(ctx, client) }()
	committed()
	k.again()
	cancel()
	if err := <-ended; err == nil {
		k.Fatal("the call was answered")
	}
}

// again kills the process and starts the next one on the same port.
func (k *keyed) again() {
	k.Helper()
	_ = k.p.cmd.Process.Kill()
	<-k.p.ended
	k.s.configure(k.T, setup{listen: k.p.address, url: k.b.url, commands: allCommands()})
	k.p = k.s.serve(k.T, k.flags...)
}

// told waits for the next callback; what was sent last before the kill may come again.
func (k *keyed) told() callback.Delivery {
	k.Helper()
	for {
		d := k.b.next(k.T)
		if d.Seq == k.seen+1 {
			k.seen++
			return d
		}
		if d.Seq > k.seen {
			k.Fatalf("number %d arrived after %d", d.Seq, k.seen)
		}
	}
}

func (k *keyed) must(err error) {
	k.Helper()
	if err != nil {
		k.Fatal(err)
	}
}

// A caller who did not hear the answer asks again under the same key, also after the process was killed: the change is made
// once, whatever has happened in between.
func TestCallUnderAKeyIsDoneOnceWhenItsAnswerWasLost(t *testing.T) {
	for name, database := range map[string]func(*testing.T) string{
		"sqlite":   func(*testing.T) string { return "sqlite:callboard.db" },
		"postgres": func(t *testing.T) string { return pgtest.Database(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := &keyed{T: t, s: newSite(t), b: newBackend(t, "", accepts), flags: []string{"--database", database(t)}}
			k.s.configure(t, setup{url: k.b.url, commands: allCommands()})
			k.p = k.s.serve(t, k.flags...)
			k.playRoom()
			k.playAdministrator()
			k.playClient()
			k.playCounts()
		})
	}
}

// playRoom creates and destroys a room.
func (k *keyed) playRoom() {
	create := func(ctx context.Context, c *liveapi.Client) error {
		_, err := c.WithKey("create-1").CreateRoom(ctx, liveapi.NewRoom{RoomID: "r1"})
		return err
	}
	destroy := func(ctx context.Context, c *liveapi.Client) error {
		_, err := c.WithKey("destroy-1").DestroyRoom(ctx, "r1")
		return err
	}
	ctx := k.Context()
	k.lost(create)
	c := k.s.client(k.T, k.p)
	k.must(create(ctx, c)) // without a key it would be refused: the room exists
	if _, err := c.CreateRoom(ctx, liveapi.NewRoom{RoomID: "r1"}); codeOf(err) != liveapi.CodeRoomExists {
		k.Errorf("create_room without the key: %v, want 100010", err)
	}
	k.lost(destroy)
	c = k.s.client(k.T, k.p)
	k.must(create(ctx, c)) // it answers what was done, and does not do it again
	if _, err := c.GetRoomInfo(ctx, "r1"); codeOf(err) != liveapi.CodeRoomNotFound {
		k.Errorf("get_room_info after the repeated creation: %v, want 100004", err)
	}
	k.must(destroy(ctx, c))
	if _, err := c.WithKey("create-1").CreateRoom(ctx, liveapi.NewRoom{RoomID: "r2"}); codeOf(err) != liveapi.CodeInvalidParameter {
		k.Errorf("another call under the key: %v, want 100002", err)
	}
}

// playAdministrator appoints somebody who is dismissed before the call is made again.
func (k *keyed) playAdministrator() {
	ctx := k.Context()
	appoint := func(ctx context.Context, c *liveapi.Client) error {
		return c.WithKey("appoint-1").AddAdmin(ctx, "r1", "alice")
	}
	createRoom(k.T, k.s.client(k.T, k.p), "r1")
	k.told()
	k.lost(appoint)
	c := k.s.client(k.T, k.p)
	k.must(c.DeleteAdmin(ctx, "r1", "alice"))
	k.told()
	k.must(appoint(ctx, c)) // it does not make her one again
	list, err := c.GetAdminList(ctx, "r1")
	if diff := cmp.Diff([]string{}, list); err != nil || diff != "" {
		k.Errorf("administrators after the repeated call: %v (-want +got):\n%s", err, diff)
	}
}

// playClient has a client that asks again by itself until the next process answers.
func (k *keyed) playClient() {
	ended := make(chan error, 1)
	client := k.s.deafClient(k.T, k.p, 1, 1000)
	go func() { ended <- client.WithKey("appoint-2").AddAdmin(k.Context(), "r1", "bob") }()
	k.told()
	k.again()
	k.must(<-ended)
	k.must(k.s.client(k.T, k.p).AddAdmin(k.Context(), "r1", "carol"))
	var packet callback.ModifyAdmin
	if d := k.told(); json.Unmarshal(d.Body, &packet) != nil || len(packet.AdminAccounts) != 1 || packet.AdminAccounts[0] != "carol" {
		k.Errorf("the next callback is %s, want the appointment of carol", d.Body)
	}
}

// playCounts sends a message and a gift, each of which would count twice if it was sent twice.
func (k *keyed) playCounts() {
	ctx := k.Context()
	k.must(k.s.client(k.T, k.p).AddGift(ctx, liveapi.Gift{GiftID: "rose", Coins: 5, DefaultName: "Rose"}))
	var seq int64
	say := func(ctx context.Context, c *liveapi.Client) error {
		answer, err := c.WithKey("message-1").SendTextMsg(ctx, liveapi.SendTextMsgRequest{RoomID: "r1", SenderAccount: "alice", TextContent: "hello"})
		seq = answer.MsgSeq
		return err
	}
	give := func(ctx context.Context, c *liveapi.Client) error {
		return c.WithKey("gift-1").SendGift(ctx, liveapi.SendGiftRequest{
			RoomID: "r1", GiftID: "rose", Count: 2, FromAccount: "alice", ReceiverAccounts: []string{"anchor"}})
	}
	k.lostAfter(func() { k.counts(func(s liveapi.RoomStats) bool { return s.TotalMsgCount > 0 }) }, say)
	k.lostAfter(func() { k.counts(func(s liveapi.RoomStats) bool { return s.TotalGiftsSent > 0 }) }, give)
	c := k.s.client(k.T, k.p)
	k.must(say(ctx, c))
	k.must(give(ctx, c))
	got, err := c.GetRoomStats(ctx, "r1")
	want := liveapi.RoomStats{TotalMsgCount: 1, TotalGiftsSent: 2, TotalGiftCoins: 10, TotalUniqueGiftSenders: 1}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		k.Errorf("what the room has counted: %v (-want +got):\n%s", err, diff)
	}
	if seq != 1 {
		k.Errorf("the repeated message has MsgSeq %d, want 1", seq)
	}
}

// counts waits until the room has counted what is expected.
func (k *keyed) counts(enough func(liveapi.RoomStats) bool) {
	k.Helper()
	c := k.s.client(k.T, k.p)
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for limit := time.After(patience); ; {
		if s, err := c.GetRoomStats(k.Context(), "r1"); err == nil && enough(s) {
			return
		}
		select {
		case <-look.C:
		case <-limit:
			k.Fatal("nothing was counted")
		}
	}
}
