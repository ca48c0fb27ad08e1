package usersig_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/usersig"
)

func testPermission() usersig.PrivateMapKey {
	return usersig.PrivateMapKey{
		Account: "bob", SDKAppID: testApp, RoomID: "r1",
		ExpiresAt: time.Unix(testUnix, 0).UTC(), Privileges: 255,
	}
}

func TestARoomIDFollowsTheFixedFields(t *testing.T) {
	got, err := testPermission().Encode()
	if err != nil {
		t.Fatal(err)
	}
	want := "01" + "0003626f62" + "53724e01" + "00000000" + "6b49d200" + "000000ff" + "00000000" + "00027231"
	if diff := cmp.Diff(want, hex.EncodeToString(got)); diff != "" {
		t.Errorf("bytes (-want +got):\n%s", diff)
	}
	back, err := usersig.DecodePrivateMapKey(got)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(testPermission(), back); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
}

func TestPermissionsOutsideTheLimitsAreRefused(t *testing.T) {
	tests := []struct {
		name   string
		change func(*usersig.PrivateMapKey)
		want   error
	}{
		{"as it is", func(*usersig.PrivateMapKey) {}, nil},
		{"numeric room", func(k *usersig.PrivateMapKey) { k.RoomID, k.NumericRoomID = "", 7 }, nil},
		{"two rooms", func(k *usersig.PrivateMapKey) { k.NumericRoomID = 7 }, usersig.ErrClaims},
		{"no account", func(k *usersig.PrivateMapKey) { k.Account = "" }, usersig.ErrClaims},
		{"account too long", func(k *usersig.PrivateMapKey) { k.Account = strings.Repeat("a", 256) }, usersig.ErrClaims},
		{"no SDKAppID", func(k *usersig.PrivateMapKey) { k.SDKAppID = 0 }, usersig.ErrClaims},
		{"RoomId not UTF-8", func(k *usersig.PrivateMapKey) { k.RoomID = "\xff" }, usersig.ErrClaims},
		{"longest RoomId", func(k *usersig.PrivateMapKey) { k.RoomID = strings.Repeat("r", 996) }, nil},
		{"RoomId too long for the buffer", func(k *usersig.PrivateMapKey) { k.RoomID = strings.Repeat("r", 997) }, usersig.ErrClaims},
		{"no end", func(k *usersig.PrivateMapKey) { k.ExpiresAt = time.Time{} }, usersig.ErrClaims},
		{"last end", func(k *usersig.PrivateMapKey) { k.ExpiresAt = time.Unix(1<<32-1, 0).UTC() }, nil},
		{"end beyond 32 bits", func(k *usersig.PrivateMapKey) { k.ExpiresAt = time.Unix(1<<32, 0) }, usersig.ErrClaims},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			k := testPermission()
			test.change(&k)
			buf, err := k.Encode()
			if !errors.Is(err, test.want) {
				t.Fatalf("got error %v, want %v", err, test.want)
			}
			if err != nil {
				return
			}
			back, err := usersig.DecodePrivateMapKey(buf)
			if err != nil {
				t.Fatalf("read back: %v", err)
			}
			if diff := cmp.Diff(k, back); diff != "" {
				t.Errorf("read back (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOtherBuffersAreNoPermission(t *testing.T) {
	good, err := testPermission().Encode()
	if err != nil {
		t.Fatal(err)
	}
	patched := func(at int, value byte) []byte {
		buf := bytes.Clone(good)
		buf[at] = value
		return buf
	}
	tests := map[string][]byte{
		"unknown version":            patched(0, 2),
		"account beyond the end":     patched(1, 0xff),
		"SDKAppID 0":                 append(append(bytes.Clone(good[:6]), 0, 0, 0, 0), good[10:]...),
		"numeric room and RoomId":    patched(13, 1),
		"account type":               patched(25, 1),
		"RoomId beyond the end":      patched(27, 9),
		"RoomId empty":               append(bytes.Clone(good[:26]), 0, 0),
		"RoomId not UTF-8":           patched(29, 0xff),
		"a byte after it":            append(bytes.Clone(good), 0),
		"RoomId after a numeric one": patched(0, 0),
		"larger than any":            make([]byte, usersig.MaxUserBuf+1),
		"a text":                     []byte("abc"),
	}
	for name, buf := range tests {
		t.Run(name, func(t *testing.T) {
			if got, err := usersig.DecodePrivateMapKey(buf); !errors.Is(err, usersig.ErrMalformed) {
				t.Errorf("got %+v and error %v, want %v", got, err, usersig.ErrMalformed)
			}
		})
	}
}

func TestEveryCutPermissionIsRefused(t *testing.T) {
	good, err := testPermission().Encode()
	if err != nil {
		t.Fatal(err)
	}
	for n := range good {
		if _, err := usersig.DecodePrivateMapKey(good[:n]); !errors.Is(err, usersig.ErrMalformed) {
			t.Errorf("first %d bytes: got error %v, want %v", n, err, usersig.ErrMalformed)
		}
	}
}
