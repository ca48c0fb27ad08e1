package liveapi

import (
	"errors"
	"strings"
	"testing"
)

// FuzzAnswer holds that any answer is a payload or an error, and that an *Error is never one of success.
func FuzzAnswer(f *testing.F) {
	f.Add(200, `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"RequestId":"Id-1","Response":{"RoomInfo":{"RoomId":"r1","Category":[1]}}}`)
	f.Add(200, `{"ActionStatus":"FAIL","ErrorInfo":"x","ErrorCode":100004,"RequestId":"Id-1"}`)
	f.Add(200, `{"ErrorCode":0,"Response":null}`)
	f.Add(502, `<html>`)
	f.Add(200, `{"ErrorCode":null}`)
	f.Fuzz(func(t *testing.T, status int, answer string) {
		var payload GetRoomInfoResponse
		err := decode(status, []byte(answer), &payload)
		refusal := (*Error)(nil)
		if errors.As(err, &refusal) && refusal.Code == CodeOK {
			t.Errorf("%q: an error of code 0", answer)
		}
		if err == nil && !strings.Contains(strings.ToLower(answer), "response") && !strings.Contains(answer, `\u`) {
			t.Errorf("%q: a payload without a Response", answer)
		}
	})
}
