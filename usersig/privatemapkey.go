package usersig

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"
)

// PrivateMapKey is the permission to use one room, carried as the user buffer of a
// UserSig: put what [PrivateMapKey.Encode] returns into Claims.UserBuf. The room is
// either a numeric one or one with a RoomId.
//
// Spec: accounts-and-clients, section 1, userbuf.
type PrivateMapKey struct {
	// Account is the user: 1 to MaxIdentifier bytes of UTF-8 without ASCII control
	// characters. Nothing holds it to the identifier of the UserSig around it.
	Account string
	// SDKAppID is the App, not 0.
	SDKAppID uint32
	// NumericRoomID is the number of the room; 0 when RoomID is set.
	NumericRoomID uint32
	// RoomID is the RoomId of the room, empty for a numeric room: UTF-8 without
	// ASCII control characters, short enough for MaxUserBuf.
	RoomID string
	// ExpiresAt is the end of the permission, rounded down to a second: from 1970 to
	// 2106, as it is sent in 32 bits. It is not checked here.
	ExpiresAt time.Time
	// Privileges is the set of permission bits; 255 is all that are documented.
	Privileges uint32
}

// The first byte of the user buffer.
const (
	numericRoom = 0
	stringRoom  = 1
)

// Encode returns the user buffer, at most MaxUserBuf bytes.
//
// Errors: [ErrClaims] for a value outside its limits.
func (k PrivateMapKey) Encode() ([]byte, error) {
	if err := k.check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrClaims, err)
	}
	kind := byte(numericRoom)
	if k.RoomID != "" {
		kind = stringRoom
	}
	buf := []byte{kind}
	buf = binary.BigEndian.AppendUint16(buf, uint16(len(k.Account)))
	buf = append(buf, k.Account...)
	buf = binary.BigEndian.AppendUint32(buf, k.SDKAppID)
	buf = binary.BigEndian.AppendUint32(buf, k.NumericRoomID)
	buf = binary.BigEndian.AppendUint32(buf, uint32(k.ExpiresAt.Unix()))
	buf = binary.BigEndian.AppendUint32(buf, k.Privileges)
	buf = binary.BigEndian.AppendUint32(buf, 0) // account type
	if kind == stringRoom {
		buf = binary.BigEndian.AppendUint16(buf, uint16(len(k.RoomID)))
		buf = append(buf, k.RoomID...)
	}
	if len(buf) > MaxUserBuf {
		return nil, fmt.Errorf("%w: the user buffer has %d bytes; at most %d are allowed", ErrClaims, len(buf), MaxUserBuf)
	}
	return buf, nil
}

// check tells which value is outside its limits; those of both directions are equal.
func (k PrivateMapKey) check() error {
	if err := checkText("account", k.Account, MaxIdentifier); err != nil {
		return err
	}
	if k.SDKAppID == 0 {
		return errors.New("SDKAppID is 0")
	}
	if s := k.ExpiresAt.Unix(); s < 0 || s > math.MaxUint32 {
		return fmt.Errorf("end (ExpiresAt) is %s; want 1970 to 2106", k.ExpiresAt.UTC().Format(time.RFC3339))
	}
	if k.RoomID == "" {
		return nil
	}
	if k.NumericRoomID != 0 {
		return fmt.Errorf("both NumericRoomID (%d) and RoomID are set; want one of them", k.NumericRoomID)
	}
	return checkText("room (RoomID)", k.RoomID, MaxUserBuf)
}

// DecodePrivateMapKey reads a user buffer as a room permission. ExpiresAt is in UTC.
// Every buffer that it accepts is what Encode makes of the result. It verifies
// nothing: take the buffer from a verified Token.
//
// Errors: [ErrMalformed]; a user buffer may well be something else.
func DecodePrivateMapKey(buf []byte) (PrivateMapKey, error) {
	if len(buf) > MaxUserBuf {
		return PrivateMapKey{}, fmt.Errorf("%w: the user buffer has %d bytes; at most %d are allowed", ErrMalformed, len(buf), MaxUserBuf)
	}
	k, err := parsePrivateMapKey(buf)
	if err != nil {
		return PrivateMapKey{}, fmt.Errorf("%w: user buffer: %w", ErrMalformed, err)
	}
	return k, nil
}

func parsePrivateMapKey(buf []byte) (PrivateMapKey, error) {
	r := fieldReader{rest: buf}
	kind := r.u8()
	k := PrivateMapKey{
		Account:       r.text(),
		SDKAppID:      r.u32(),
		NumericRoomID: r.u32(),
		ExpiresAt:     time.Unix(int64(r.u32()), 0).UTC(),
		Privileges:    r.u32(),
	}
	accountType := r.u32()
	if kind == stringRoom {
		k.RoomID = r.text()
	}
	switch {
	case kind != numericRoom && kind != stringRoom:
		return k, fmt.Errorf("version %d; want 0 or 1", kind)
	case r.short:
		return k, errors.New("it ends too early")
	case len(r.rest) > 0:
		return k, fmt.Errorf("%d bytes follow it", len(r.rest))
	case accountType != 0:
		return k, fmt.Errorf("account type %d; want 0", accountType)
	case kind == stringRoom && k.RoomID == "":
		return k, errors.New("version 1 with an empty RoomID")
	}
	return k, k.check()
}

// fieldReader takes big-endian fields off the front of rest. Past the end it sets
// short and returns zeros, so that a whole sequence needs one check.
type fieldReader struct {
	rest  []byte
	short bool
}

func (r *fieldReader) take(n int) []byte {
	if n > len(r.rest) {
		r.short, r.rest = true, nil
		return make([]byte, min(n, 4)) // enough for every number; a text is dropped
	}
	field := r.rest[:n]
	r.rest = r.rest[n:]
	return field
}

func (r *fieldReader) u8() byte     { return r.take(1)[0] }
func (r *fieldReader) u16() uint16  { return binary.BigEndian.Uint16(r.take(2)) }
func (r *fieldReader) u32() uint32  { return binary.BigEndian.Uint32(r.take(4)) }
func (r *fieldReader) text() string { return string(r.take(int(r.u16()))) }
