package callback_test

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/callboard/callboard/callback"
)

func ExampleNewSigner() {
	now := time.Unix(1703589923, 0)
	sender, err := callback.NewSigner("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		panic(err)
	}
	header := http.Header{callback.HeaderEventID: {"1400000001-abcd2345-1043"}, callback.HeaderRoomSeq: {"19"}}
	sender.Sign(header, []byte(`{}`), now)

	receiver, err := callback.NewSigner("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") // it does not have the new one yet
	if err != nil {
		panic(err)
	}
	fmt.Println(receiver.Verify(header, []byte(`{}`), now))
	header.Set(callback.HeaderRoomSeq, "20")
	fmt.Println(errors.Is(receiver.Verify(header, []byte(`{}`), now), callback.ErrSignature))
	// Output:
	// <nil>
	// true
}
