package wire

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/eventlog"
)

func TestHeadersTellTheNumbersOfAppAndLane(t *testing.T) {
	e := eventlog.Event{
		Seq: 1043, Prev: 1041, Lane: "live-room", RoomSeq: 19, RoomPrev: 17, RoomState: "0123456789abcdef", Cause: "Id-7-O-Seq-9",
		Command: "Live.CallbackAfterModifyAdmin", Callback: true, Time: 5, Operator: "admin", Body: []byte("{}"),
	}
	got := Header(1400000001, "abcd2345", &e, Attempt{Number: 3})
	want := http.Header{
		"Content-Type":         {"application/json"},
		"User-Agent":           {"Callboard"},
		"Callboard-Event-Id":   {"1400000001-abcd2345-1043"},
		"Callboard-Log":        {"abcd2345"},
		"Callboard-Seq":        {"1043"},
		"Callboard-Prev":       {"1041"},
		"Callboard-Lane":       {"live-room"},
		"Callboard-Room-Seq":   {"19"},
		"Callboard-Room-Prev":  {"17"},
		"Callboard-Room-State": {"0123456789abcdef"},
		"Callboard-Attempt":    {"3"},
		"Callboard-Cause":      {"Id-7-O-Seq-9"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
}

func TestFirstCallbackHasNoneBeforeIt(t *testing.T) {
	got := Header(1, "abcd2345", &eventlog.Event{Seq: 1, Lane: "r", RoomSeq: 1}, Attempt{Number: 1})
	for _, name := range []string{"Callboard-Prev", "Callboard-Room-Prev"} {
		if diff := cmp.Diff([]string{"0"}, got.Values(name)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestHeadersWithoutAValueAreAbsent(t *testing.T) {
	destroyed := eventlog.Event{Seq: 2, Lane: "r", RoomSeq: 2, Command: "Live.CallbackAfterDestroyRoom"}
	got := Header(1, "abcd2345", &destroyed, Attempt{Number: 1})
	for _, name := range []string{callback.HeaderRoomState, callback.HeaderCause, callback.HeaderSkipped, callback.HeaderReplay} {
		if values, ok := got[name]; ok {
			t.Errorf("%s = %q, want it absent", name, values)
		}
	}
}

// Names set by hand must be those that net/http looks up.
func TestHeaderNamesAreCanonical(t *testing.T) {
	e := eventlog.Event{RoomState: "s", Cause: "c"}
	for name := range Header(1, "abcd2345", &e, Attempt{Number: 1}) {
		if want := http.CanonicalHeaderKey(name); name != want {
			t.Errorf("header %q, want %q", name, want)
		}
	}
}

func TestOnlyTheRoomIDOfALaneIsPercentEncoded(t *testing.T) {
	for lane, want := range map[eventlog.Lane]string{
		"live-room":          "live-room",
		"live_room/members":  "live_room/members",
		"r/messages":         "r/messages",
		eventlog.AppLane:     "@app",
		"a b":                "a%20b",
		"répétition/members": "r%C3%A9p%C3%A9tition/members",
		"50%":                "50%25",
		"a?b#c":              "a%3Fb%23c",
		"a\r\nX: 1":          "a%0D%0AX:%201",
	} {
		got := Header(1, "abcd2345", &eventlog.Event{Lane: lane}, Attempt{Number: 1}).Get(callback.HeaderLane)
		if got != want {
			t.Errorf("lane %q is sent as %q, want %q", lane, got, want)
		}
	}
}

func TestAnAttemptTellsWhatWasSkippedBeforeItAndWhetherItIsAReplay(t *testing.T) {
	e := eventlog.Event{Seq: 9, Lane: "r", RoomSeq: 1042, RoomPrev: 1041}
	plain := Header(1, "abcd2345", &e, Attempt{Number: 1})
	for _, name := range []string{"Callboard-Skipped", "Callboard-Replay"} {
		if got, there := plain[name]; there {
			t.Errorf("%s is %q without a reason, want none", name, got)
		}
	}
	got := Header(1, "abcd2345", &e, Attempt{Number: 1, Skipped: eventlog.Skip{Lane: "r", From: 18, To: 1041, Seq: 8}, Replay: true})
	if skipped, replay := got.Get("Callboard-Skipped"), got.Get("Callboard-Replay"); skipped != "18-1041" || replay != "true" {
		t.Errorf("skipped %q, replay %q, want 18-1041 and true", skipped, replay)
	}
}

// What is signed is what is sent: the vector is that of docs/signing.md.
func TestAnAttemptWithSecretsIsSignedForItsTime(t *testing.T) {
	e := eventlog.Event{
		Seq: 1043, Prev: 1041, Lane: "live-room", RoomSeq: 19, RoomPrev: 17, RoomState: "0123456789abcdef", Cause: "Id-7-O-Seq-9",
		Body: []byte(`{"CallbackCommand":"Live.CallbackAfterModifyAdmin","RoomId":"live-room","EventTime":1703589922780,` +
			`"Operator_Account":"administrator","Admin_Account":["alice"],"opType":"add"}`),
	}
	signer, err := callback.NewSigner("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Unix(1703589923, 999_999_999)
	got := Header(1400000001, "abcd2345", &e, Attempt{Number: 1, Signer: signer, At: at})
	want := Header(1400000001, "abcd2345", &e, Attempt{Number: 1})
	for name, value := range map[string]string{
		"Webhook-Id":          "1400000001-abcd2345-1043",
		"Webhook-Timestamp":   "1703589923",
		"Webhook-Signature":   "v1,jcSjRubw1+uLvOwGuOlkn3N5HvOcJKQyJsZfnCe1x4w= v1,2mgktT/LL9TmEkVqzIq077hOhSkSDr4DHpSL9fgEMTk=",
		"Callboard-Signature": "v1,xicF+dyo92bX4WgeIBw9NS6BBpPraY8cV4LnnjPg5yI= v1,tkBDAmfE1w2Q0A4DyORDEy3mtaN5pYGUpeVOXxFOheo=",
	} {
		want[name] = []string{value}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	skipped := Header(1400000001, "abcd2345", &e, Attempt{
		Number: 3, Skipped: eventlog.Skip{Lane: "live-room", From: 3, To: 17, Seq: 9}, Replay: true, Signer: signer, At: at,
	})
	if err := signer.Verify(skipped, e.Body, at); err != nil {
		t.Errorf("with every header there is: %v", err)
	}
}
