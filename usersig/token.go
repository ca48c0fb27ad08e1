package usersig

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"
	"unicode/utf8"
)

// Token is a decoded UserSig. One that [Verify] or [Token.Verify] accepted can be
// kept and used again until [Token.ValidUntil]; one that was only decoded states
// what anybody may have written. Tokens are comparable; the zero Token is never
// accepted.
type Token struct {
	payload payload
	sig     string // as received, never checked before Verify
}

// Decode reads a UserSig without verifying it: for tools that show one, and for
// callers that need its SDKAppID to choose a key. Keys of the JSON object that are
// not known are ignored, and of equal keys the last counts.
//
// Errors: [ErrMalformed], [ErrVersion]; with both, the Token is the zero Token.
// Spec: accounts-and-clients, section 1.
func Decode(sig string) (Token, error) {
	text, err := inflate(sig)
	if err != nil {
		return Token{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	o, err := parseObject(text)
	if err != nil {
		return Token{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	// Before the other keys: a version 1 signature has other keys, and to say that
	// one of ours is missing would lead its reader astray.
	if v, err := o.text("TLS.ver"); err != nil || v != version {
		return Token{}, fmt.Errorf("%w: TLS.ver is %.16q; want %q (TLSSigAPIv2)", ErrVersion, v, version)
	}
	t, err := o.token()
	if err != nil {
		return Token{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return t, nil
}

// SDKAppID is the App that the UserSig was made for; never 0 after Decode.
func (t Token) SDKAppID() uint32 { return t.payload.sdkAppID }

// Identifier is the account that the UserSig was made for: 1 to MaxIdentifier bytes.
func (t Token) Identifier() string { return t.payload.identifier }

// IssuedAt is the time of issue in UTC, in whole seconds.
func (t Token) IssuedAt() time.Time { return time.Unix(t.payload.issued, 0).UTC() }

// ValidUntil is the first instant, in UTC, at which the UserSig is refused: one
// second after its time of issue and lifetime, as the second in which it ends is still
// valid. It is what a cache of verified signatures needs.
func (t Token) ValidUntil() time.Time {
	return time.Unix(t.payload.issued+t.payload.expire+1, 0).UTC()
}

// Expired reports whether the UserSig is refused at now for its age.
func (t Token) Expired(now time.Time) bool { return !now.Before(t.ValidUntil()) }

// HasUserBuf reports whether there is a user buffer, be it an empty one. REST
// refuses a UserSig that has one.
func (t Token) HasUserBuf() bool { return t.payload.hasUserBuf }

// UserBuf returns a copy of the user buffer, nil if there is none.
func (t Token) UserBuf() []byte {
	if !t.payload.hasUserBuf {
		return nil
	}
	buf, err := stdBase64.DecodeString(t.payload.userBuf)
	if err != nil {
		return nil // cannot be: Decode has decoded it once
	}
	return buf
}

// String describes the Token without its signature, so that logging one does not
// give it away.
func (t Token) String() string {
	return fmt.Sprintf("UserSig of %q, SDKAppID %d, valid until %s",
		t.payload.identifier, t.payload.sdkAppID, t.ValidUntil().Format(time.RFC3339))
}

// object is a JSON object whose keys are matched exactly; decoding into a struct
// would ignore their case.
type object map[string]json.RawMessage

func parseObject(text []byte) (object, error) {
	if !utf8.Valid(text) {
		return nil, errors.New("its JSON is not valid UTF-8")
	}
	var o object
	if err := json.Unmarshal(text, &o); err != nil {
		return nil, fmt.Errorf("its JSON: %w", err)
	}
	if o == nil {
		return nil, errors.New("its JSON is null; want an object")
	}
	return o, nil
}

// token reads the values. Their limits make sums of the times safe.
func (o object) token() (Token, error) {
	var p payload
	var sig string
	id, err := o.number("TLS.sdkappid", math.MaxUint32)
	if err != nil {
		return Token{}, err
	}
	p.sdkAppID = uint32(id)
	if p.issued, err = o.number("TLS.time", maxUnix); err != nil {
		return Token{}, err
	}
	if p.expire, err = o.number("TLS.expire", maxUnix); err != nil {
		return Token{}, err
	}
	if p.identifier, err = o.text("TLS.identifier"); err != nil {
		return Token{}, err
	}
	if sig, err = o.text("TLS.sig"); err != nil {
		return Token{}, err
	}
	if p.userBuf, p.hasUserBuf, err = o.userBuf(); err != nil {
		return Token{}, err
	}
	return Token{payload: p, sig: sig}, p.check()
}

// userBuf returns the base64 text of the user buffer and whether there is one.
func (o object) userBuf() (string, bool, error) {
	const key = "TLS.userbuf"
	if _, ok := o[key]; !ok {
		return "", false, nil
	}
	text, err := o.text(key)
	if err != nil {
		return "", false, err
	}
	buf, err := decodeBase64(stdBase64, text)
	if err != nil {
		return "", false, fmt.Errorf("%s: base64: %w", key, err)
	}
	if len(buf) > MaxUserBuf {
		return "", false, fmt.Errorf("%s has %d bytes; at most %d are allowed", key, len(buf), MaxUserBuf)
	}
	return text, true, nil
}

// text returns the value of a key that must be a JSON string.
func (o object) text(key string) (string, error) {
	raw, ok := o[key]
	if !ok {
		return "", fmt.Errorf("%s is missing", key)
	}
	var s string
	// Unmarshal leaves the string alone at a null and tells nobody.
	if raw[0] != '"' || json.Unmarshal(raw, &s) != nil {
		return "", fmt.Errorf("%s is not a JSON string", key)
	}
	return s, nil
}

// number returns the value of a key that must be an integer from 0 to limit,
// written without fraction and exponent.
func (o object) number(key string, limit int64) (int64, error) {
	raw, ok := o[key]
	if !ok {
		return 0, fmt.Errorf("%s is missing", key)
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil || n < 0 || n > limit {
		return 0, fmt.Errorf("%s is not an integer from 0 to %d", key, limit)
	}
	return n, nil
}
