// Package usersig makes and verifies UserSig, the signed text with which an
// account proves to the Live backend who it is (TLSSigAPIv2).
//
// A UserSig names an SDKAppID, an identifier, the second of its issue and its
// lifetime, and is signed with HMAC-SHA256 under the secret key of the App. An App
// backend makes one for each of its users and one for itself as App
// administrator; the Live backend verifies it at every REST call and connection.
//
// # Guarantees
//
//   - What [New] makes, [Verify] accepts, and so do the vendor's verifiers; what the
//     vendor's libraries make, Verify accepts.
//   - A UserSig is unauthenticated input until it is verified: its length is
//     limited before it is decoded and its size while it is inflated, so that
//     [Decode] allocates less than 512 KiB, whatever it is given.
//   - Exactly one text form is accepted for given compressed bytes: base64 is
//     strict, and nothing may follow the compressed data.
//   - The signature covers parsed values, never JSON text, and is compared in
//     constant time. No error holds a key or a signature.
//
// # Concurrency
//
// All functions and methods may be called at the same time. The package starts no
// goroutine and holds no state but pools of compressors.
//
// # What it does not do
//
// It does not keep keys, remember or revoke signatures, limit how often a caller
// fails (70050), or know who is an App administrator (60010). It does not refuse a
// time of issue that lies ahead, as clocks differ and the vendor's verifiers do not.
// Version 1 signatures (elliptic curve keys) are refused with [ErrVersion].
package usersig

import (
	"fmt"
	"time"
)

// DefaultExpire is the lifetime of a UserSig whose [Claims] name none: 180 days.
// Spec: accounts-and-clients, section 1.
const DefaultExpire = 180 * 24 * time.Hour

// Limits of what New makes and Decode accepts. No UserSig of New exceeds MaxLen.
const (
	MaxLen        = 4 << 10 // bytes of a UserSig as text
	MaxInflated   = 8 << 10 // bytes of its JSON
	MaxIdentifier = 255     // bytes of an identifier in UTF-8
	MaxUserBuf    = 1 << 10 // bytes of a user buffer, before base64
)

// Claims is what a UserSig states. SDKAppID and Identifier are required; the zero
// values of the other fields are useful.
type Claims struct {
	// SDKAppID is the App, not 0. Spec: TLS.sdkappid.
	SDKAppID uint32
	// Identifier is the account: 1 to MaxIdentifier bytes of UTF-8 without ASCII
	// control characters. Spec: TLS.identifier.
	Identifier string
	// IssuedAt is the time of issue, rounded down to a second. The zero value is
	// the current time. Spec: TLS.time, Unix seconds.
	IssuedAt time.Time
	// Expire is the lifetime from IssuedAt, rounded down to a second: 0 is
	// DefaultExpire, otherwise at least a second. Spec: TLS.expire, seconds.
	Expire time.Duration
	// UserBuf is the user buffer, at most MaxUserBuf bytes; when empty, the UserSig
	// has none. REST refuses a UserSig with a user buffer. A room permission is
	// one: see [PrivateMapKey]. Spec: TLS.userbuf.
	UserBuf []byte
}

// New makes a UserSig of the claims, signed with the secret key of the App. The key
// is used as the text that it is: 64 hex characters are not decoded.
//
// The result needs no escaping in a URL's query. Two calls with the same arguments
// and a set IssuedAt give the same values and signature; the compressed bytes may
// differ between Go versions.
//
// Errors: [ErrNoKey] for an empty key, [ErrClaims] for claims outside their limits.
// Spec: accounts-and-clients, section 1.
func New(key string, c Claims) (string, error) {
	if key == "" {
		return "", ErrNoKey
	}
	p, err := c.payload()
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrClaims, err)
	}
	text, err := p.marshal(p.sign(key))
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrClaims, err)
	}
	return deflate(text)
}

// payload fills in the defaults and checks the limits.
func (c Claims) payload() (payload, error) {
	if c.IssuedAt.IsZero() {
		c.IssuedAt = time.Now()
	}
	if c.Expire == 0 {
		c.Expire = DefaultExpire
	}
	if c.Expire < time.Second {
		return payload{}, fmt.Errorf("lifetime (Expire) is %v; want at least 1s, or 0 for %v", c.Expire, DefaultExpire)
	}
	if len(c.UserBuf) > MaxUserBuf {
		return payload{}, fmt.Errorf("user buffer (UserBuf) has %d bytes; at most %d are allowed", len(c.UserBuf), MaxUserBuf)
	}
	p := payload{
		identifier: c.Identifier,
		sdkAppID:   c.SDKAppID,
		issued:     c.IssuedAt.Unix(),
		expire:     int64(c.Expire / time.Second),
		hasUserBuf: len(c.UserBuf) > 0,
		userBuf:    stdBase64.EncodeToString(c.UserBuf),
	}
	return p, p.check()
}
