package liveapi_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"time"

	"github.com/callboard/callboard/liveapi"
	"github.com/callboard/callboard/usersig"
)

// The secret key of the App, from its settings.
const secretKey = "f00df00df00df00df00df00df00df00df00df00df00df00df00df00df00df00d"

func ExampleNewClient() {
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"RequestId":"Id-1"}`)
	})) // stands for a Callboard at http://127.0.0.1:8080
	defer backend.Close()

	client, err := liveapi.NewClient(liveapi.Options{
		BaseURL:    backend.URL,
		SDKAppID:   1400000001,
		Identifier: "administrator",
		Sign: func() (string, error) {
			return usersig.New(secretKey, usersig.Claims{SDKAppID: 1400000001, Identifier: "administrator", Expire: time.Hour})
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = client.AddAdmin(context.Background(), "room1", "user1", "user2")
	if refusal := (*liveapi.Error)(nil); errors.As(err, &refusal) && refusal.Code == liveapi.CodeTooManyAdministrators {
		fmt.Println("delete one first")
	}
	fmt.Println(err)
	// Output: <nil>
}

// A call under a key is made again until it is answered, and done once. Here the first answer is lost.
func ExampleClient_WithKey() {
	calls := 0
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println(r.Header.Get(liveapi.HeaderIdempotencyKey))
		if calls++; calls == 1 {
			panic(http.ErrAbortHandler)
		}
		fmt.Fprint(w, `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"RequestId":"Id-2"}`)
	})) // stands for a Callboard
	defer backend.Close()

	client, err := liveapi.NewClient(liveapi.Options{
		BaseURL: backend.URL, SDKAppID: 1400000001, Identifier: "administrator", UserSig: "eJwtjEsO...",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(client.WithKey("order-17").ChangeRoomOwner(context.Background(), "room1", "user2"))
	// Output:
	// order-17
	// order-17
	// <nil>
}

func ExampleCodes() {
	fmt.Println(slices.Contains(liveapi.Codes(), liveapi.CodeRoomNotFound))
	// Output: true
}
