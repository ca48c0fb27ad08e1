package callback_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/callboard/callboard/callback"
)

// backend is a complete App backend: it mirrors who administers which room. A real one writes the change and the number
// to its database, in one transaction.
type backend struct {
	mu   sync.Mutex
	last map[[2]string]int64 // the last RoomSeq accepted, by log and lane
}

func (b *backend) modifyAdmin(_ context.Context, d callback.Delivery, packet callback.ModifyAdmin) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	lane := [2]string{d.Log, d.Lane}
	if d.RoomSeq != 0 && d.RoomSeq <= b.last[lane] {
		return nil // a repeat: answer OK, change nothing
	}
	fmt.Println(packet.RoomID, packet.OpType, packet.AdminAccounts)
	b.last[lane] = d.RoomSeq
	return nil
}

func newServer(address string) *http.Server {
	b := &backend{last: map[[2]string]int64{}}
	handler := &callback.Handler{SDKAppID: 1400000001, OnModifyAdmin: b.modifyAdmin}
	return &http.Server{Addr: address, Handler: handler, ReadTimeout: 5 * time.Second, IdleTimeout: time.Minute}
}

func Example() {
	server := newServer("127.0.0.1:9000") // a program calls server.ListenAndServe now; here the same callback comes twice

	const target = "/?SdkAppid=1400000001&CallbackCommand=Live.CallbackAfterModifyAdmin&contenttype=json"
	const body = `{"CallbackCommand":"Live.CallbackAfterModifyAdmin","RoomId":"room_id","EventTime":1703589922780,` +
		`"Operator_Account":"admin","Admin_Account":["user1","user2"],"opType":"add"}`
	for range 2 {
		request := httptest.NewRequest(http.MethodPost, target, strings.NewReader(body))
		request.Header.Set(callback.HeaderLog, "abcdefgh")
		request.Header.Set(callback.HeaderLane, "room_id")
		request.Header.Set(callback.HeaderRoomSeq, "3")
		answer := httptest.NewRecorder()
		server.Handler.ServeHTTP(answer, request)
		fmt.Println(answer.Body)
	}
	// Output:
	// room_id add [user1 user2]
	// {"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}
	// {"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}
}
