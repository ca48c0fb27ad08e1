package rest

import (
	"net/http/httptest"
	"strings"
	"testing"
)

// BenchmarkModifyAdmin is a whole call, with a UserSig that is known, up to an engine that does nothing.
func BenchmarkModifyAdmin(b *testing.B) {
	h := newEdge().handler()
	target := "/v4/live_engine_http_srv/modify_admin?" + goodQuery(b).Encode()
	b.ReportAllocs()
	for b.Loop() {
		w := httptest.NewRecorder()
		body := strings.NewReader(`{"RoomId":"live-1","Admin_Account":["alice"],"OpType":"add"}`)
		h.ServeHTTP(w, httptest.NewRequest("POST", target, body))
		if !strings.Contains(w.Body.String(), `"ErrorCode":0`) {
			b.Fatal(w.Body.String())
		}
	}
}

// BenchmarkDecode is the body of that call alone.
func BenchmarkDecode(b *testing.B) {
	body := []byte(`{"RoomId":"live-1","Admin_Account":["alice"],"OpType":"add"}`)
	fields := byPath(calls())["/v4/live_engine_http_srv/modify_admin"].fields
	b.ReportAllocs()
	for b.Loop() {
		if err := decode(body, fields()); err != nil {
			b.Fatal(err)
		}
	}
}
