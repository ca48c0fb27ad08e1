package live

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// AppID is an SDKAppID: the number of an App.
type AppID uint32

func (id AppID) String() string { return strconv.FormatUint(uint64(id), 10) }

// RoomID names a room of an App: 1 to 48 bytes of letters, digits, '_' and '-'.
// Spec: the FAQ of the REST API allows letters, digits and '_'; samples also use '-'.
type RoomID string

// Account is a user id of an App: 1 to 32 bytes of UTF-8 without control characters.
type Account string

const (
	// MaxRoomID is the longest RoomId, in bytes.
	MaxRoomID = 48
	// MaxAccount is the longest account, in bytes.
	MaxAccount = 32
)

// Check returns an [InvalidParameter] refusal when the id has not the form of a RoomId.
func (id RoomID) Check() error { return id.checkAs("RoomId") }

func (id RoomID) checkAs(field string) error {
	switch {
	case id == "":
		return invalid("%s is empty; it takes 1 to %d bytes", field, MaxRoomID)
	case len(id) > MaxRoomID:
		return invalid("%s has %d bytes; at most %d are allowed", field, len(id), MaxRoomID)
	}
	for i := range len(id) {
		if !roomIDByte(id[i]) {
			return invalid("%s has a character that is not allowed at byte %d; use letters, digits, '_' and '-'", field, i+1)
		}
	}
	return nil
}

func roomIDByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-'
}

// Check returns an [InvalidParameter] refusal that names the field when the account has not the form of one.
func (a Account) Check(field string) error {
	switch {
	case a == "":
		return invalid("%s is empty; an account takes 1 to %d bytes", field, MaxAccount)
	case len(a) > MaxAccount:
		return invalid("%s has %d bytes; an account takes at most %d", field, len(a), MaxAccount)
	}
	if i := strings.IndexFunc(string(a), isControl); i >= 0 {
		return invalid("%s has a control character at byte %d", field, i+1)
	}
	return checkText(field, string(a))
}

// isControl finds what no account may hold: lists of accounts are digested line by line.
func isControl(c rune) bool { return c < ' ' || c == 0x7f }

// checkText refuses what no field of text may hold: NUL and invalid UTF-8.
func checkText(field, text string) error {
	if !utf8.ValidString(text) {
		return invalid("%s is not valid UTF-8", field)
	}
	if strings.IndexByte(text, 0) >= 0 {
		return invalid("%s has a NUL character", field)
	}
	return nil
}

func checkLength(field, text string, limit int) error {
	if len(text) > limit {
		return invalid("%s has %d bytes; at most %d are allowed", field, len(text), limit)
	}
	return checkText(field, text)
}
