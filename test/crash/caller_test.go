package crash

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/callboard/callboard/liveapi"
	"github.com/callboard/callboard/usersig"
)

// caller makes calls to one process as one App administrator and records them.
type caller struct {
	identifier string
	client     *liveapi.Client
	recorder   *recorder
}

func newCaller(t *testing.T, r *recorder, address, identifier string, transport *http.Transport) *caller {
	t.Helper()
	sig, err := usersig.New(key, usersig.Claims{SDKAppID: sdkAppID, Identifier: identifier, Expire: 24 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	client, err := liveapi.NewClient(liveapi.Options{
		BaseURL: "http://" + address, SDKAppID: sdkAppID, Identifier: identifier, UserSig: sig,
		HTTPClient: &http.Client{Transport: causeReader{transport}, Timeout: 10 * time.Second},
	})
	if err != nil {
		t.Fatal(err)
	}
	return &caller{identifier: identifier, client: client, recorder: r}
}

// do makes a call and fills in what became of it.
func (c *caller) do(ctx context.Context, call *call) {
	call.by = c.identifier
	c.recorder.begin(call)
	begun := time.Now()
	read, err := c.send(context.WithValue(ctx, causeKey{}, &call.cause), call)
	c.recorder.took(time.Since(begun))
	var answer *liveapi.Error
	switch {
	case err == nil:
		call.outcome, call.read = done, read
	case errors.As(err, &answer) && answer.Code != liveapi.CodeInternal:
		call.outcome, call.code = refused, answer.Code
	default:
		return // its end is that of the process
	}
	call.end = c.recorder.clock.tick()
}

func (c *caller) send(ctx context.Context, call *call) (read []string, err error) {
	switch call.op {
	case opAdd:
		return nil, c.client.AddAdmin(ctx, call.room, call.accounts...)
	case opDelete:
		return nil, c.client.DeleteAdmin(ctx, call.room, call.accounts...)
	case opOwner:
		return nil, c.client.ChangeRoomOwner(ctx, call.room, call.accounts[0])
	case opCreate:
		_, err = c.client.CreateRoom(ctx, liveapi.NewRoom{RoomID: call.room, OwnerAccount: call.accounts[0]})
		return nil, err
	case opDestroy:
		_, err = c.client.DestroyRoom(ctx, call.room)
		return nil, err
	case opUpdate:
		return nil, c.client.UpdateRoomInfo(ctx, liveapi.RoomUpdate{RoomID: call.room, RoomName: &call.accounts[0]})
	case opList:
		return c.client.GetAdminList(ctx, call.room)
	case opInfo:
		info, err := c.client.GetRoomInfo(ctx, call.room)
		return []string{info.OwnerAccount}, err
	}
	return nil, fmt.Errorf("no such op %q", call.op)
}

type causeKey struct{}

// causeReader takes the RequestId out of each answer: a callback names it as its cause.
type causeReader struct{ next http.RoundTripper }

// RoundTrip implements [http.RoundTripper].
func (r causeReader) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := r.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	_ = resp.Body.Close()
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	var envelope struct {
		RequestID string `json:"RequestId"`
	}
	if cause, ok := req.Context().Value(causeKey{}).(*string); ok && json.Unmarshal(body, &envelope) == nil {
		*cause = envelope.RequestID
	}
	return resp, nil
}
