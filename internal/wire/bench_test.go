package wire

import (
	"testing"
	"time"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/eventlog"
)

func BenchmarkBody(b *testing.B) {
	for _, s := range samples {
		b.Run(s.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(s.want)))
			for b.Loop() {
				if _, err := Body(&s.event, s.operator, eventTime); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkTarget is what each attempt makes afresh.
func BenchmarkTarget(b *testing.B) {
	e := eventlog.Event{
		Seq: 1043, Prev: 1041, Lane: "live-room", RoomSeq: 19, RoomPrev: 17, RoomState: "0123456789abcdef", Cause: "Id-7-O-Seq-9",
		Command: "Live.CallbackAfterCreateRoom", ClientIP: "192.0.2.7", Platform: "RESTAPI",
	}
	e.Body = []byte(samples[0].want)
	at := time.Unix(1669872112, 0)
	signer, err := callback.NewSigner("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name, token string
		signer      *callback.Signer
	}{{"plain", "", nil}, {"token", "xxxxyyyy", nil}, {"signed", "", signer}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = URL("https://www.example.com/callback", 1400000001, &e, c.token, at)
				_ = Header(1400000001, "abcd2345", &e, Attempt{Number: 1, Signer: c.signer, At: at})
			}
		})
	}
}
