package usersig_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/callboard/callboard/usersig"
)

// The secret key of the App, from its settings; never in a client.
const secretKey = "f00df00df00df00df00df00df00df00df00df00df00df00df00df00df00df00d"

func ExampleNew() {
	sig, err := usersig.New(secretKey, usersig.Claims{
		SDKAppID:   1400000001,
		Identifier: "administrator",
		Expire:     time.Hour,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	// It goes into the query as it is.
	url := "http://127.0.0.1:8080/v4/live_engine_http_srv/get_room_info" +
		"?sdkappid=1400000001&identifier=administrator&usersig=" + sig + "&random=1&contenttype=json"
	fmt.Println(len(url) < 600)
	// Output: true
}

func ExampleVerify() {
	issued := time.Date(2027, 1, 1, 12, 0, 0, 0, time.UTC)
	sig, err := usersig.New(secretKey, usersig.Claims{
		SDKAppID: 1400000001, Identifier: "alice", IssuedAt: issued, Expire: time.Hour,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	token, err := usersig.Verify(sig, secretKey, 1400000001, "alice", issued.Add(time.Minute))
	fmt.Println(token.Identifier(), err)

	_, err = usersig.Verify(sig, secretKey, 1400000001, "bob", issued)
	fmt.Println(errors.Is(err, usersig.ErrIdentifier))

	_, err = usersig.Verify(sig, secretKey, 1400000001, "alice", issued.Add(2*time.Hour))
	fmt.Println(err)
	// Output:
	// alice <nil>
	// true
	// usersig: expired: valid until 2027-01-01T13:00:01Z, now it is 2027-01-01T14:00:00Z
}

func ExampleDecode() {
	const sig = "eJwtjNEKgjAYhd-lvzV0MzU36CYIKwwiK8E7Yat*0inbSCN698B57s73Hc4XLnnhv6UGDqFPYDF1FFJZvOOEa9GiQmN1bTs9D4x41X2PAjiNiAt1xmIrgdMVi5csCdPYUTn2qCXwhEQpIfMHPoBDxejH02S-G4qGeaFg5TVX4-nIkm2WqVsXnALxrA7DpjFr*P0B1Ekzww__"
	token, err := usersig.Decode(sig) // shows, and proves nothing
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(token)
	// Output: UserSig of "administrator", SDKAppID 1400000001, valid until 2026-11-30T01:11:26Z
}

func ExampleToken_Verify() {
	keys := map[uint32]string{1400000001: secretKey}
	issued := time.Date(2027, 1, 1, 12, 0, 0, 0, time.UTC)
	sig, err := usersig.New(secretKey, usersig.Claims{SDKAppID: 1400000001, Identifier: "alice", IssuedAt: issued})
	if err != nil {
		fmt.Println(err)
		return
	}
	// A server of several Apps chooses the key by what the UserSig says of itself.
	token, err := usersig.Decode(sig)
	if err != nil {
		fmt.Println(err)
		return
	}
	app := token.SDKAppID()
	fmt.Println(token.Verify(keys[app], app, "alice", issued))
	// Output: <nil>
}

func ExampleToken_Expired() {
	issued := time.Date(2027, 1, 1, 12, 0, 0, 0, time.UTC)
	sig, err := usersig.New(secretKey, usersig.Claims{
		SDKAppID: 1400000001, Identifier: "alice", IssuedAt: issued, Expire: time.Hour,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	token, err := usersig.Verify(sig, secretKey, 1400000001, "alice", issued)
	if err != nil {
		fmt.Println(err)
		return
	}
	// A cache keeps the Token and asks at each use; the last second is still valid.
	fmt.Println(token.Expired(issued.Add(time.Hour)), token.Expired(token.ValidUntil()))
	// Output: false true
}

func ExamplePrivateMapKey_Encode() {
	end := time.Date(2027, 1, 1, 13, 0, 0, 0, time.UTC)
	buf, err := usersig.PrivateMapKey{
		Account: "alice", SDKAppID: 1400000001, RoomID: "live_1", ExpiresAt: end, Privileges: 255,
	}.Encode()
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = usersig.New(secretKey, usersig.Claims{SDKAppID: 1400000001, Identifier: "alice", UserBuf: buf})
	fmt.Println(len(buf), err)
	// Output: 36 <nil>
}

func ExampleDecodePrivateMapKey() {
	buf := []byte("\x01\x00\x03bob\x53\x72\x4e\x01\x00\x00\x00\x00\x6b\x49\xd2\x00\x00\x00\x00\xff\x00\x00\x00\x00\x00\x02r1")
	k, err := usersig.DecodePrivateMapKey(buf)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(k.Account, k.RoomID, k.ExpiresAt.Format(time.DateTime), k.Privileges)
	// Output: bob r1 2027-01-15 08:00:00 255
}
