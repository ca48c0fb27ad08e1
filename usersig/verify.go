package usersig

import (
	"crypto/hmac"
	"fmt"
	"time"
)

// Verify decodes a UserSig and checks it as [Token.Verify] does. The Token is the
// zero Token unless the error is nil.
//
// Errors: those of [Decode] and of Token.Verify.
func Verify(sig, key string, sdkAppID uint32, identifier string, now time.Time) (Token, error) {
	t, err := Decode(sig)
	if err != nil {
		return Token{}, err
	}
	if err := t.Verify(key, sdkAppID, identifier, now); err != nil {
		return Token{}, err
	}
	return t, nil
}

// Verify checks that the UserSig was made for this App and account, is not past its
// last second at now, and was signed with the App's secret key. Identifiers are
// compared byte for byte; the second in which the UserSig ends is still valid.
//
// The checks run in this order and the first that fails is the error: [ErrNoKey],
// [ErrSDKAppID], [ErrIdentifier], [ErrExpired], [ErrSignature]. The signature comes
// last because the answers before it say only what the sender can read in its own
// UserSig, and "expired" or "another App" is what helps an honest one; from a key,
// nothing but equal or not is ever told. So none of the errors proves that the
// UserSig was made by someone who has the key.
//
// Whether there is a user buffer is not judged: see [Token.HasUserBuf].
//
// A cache of accepted signatures must be keyed by the UserSig and everything that was
// passed but now, and must ask [Token.Expired] at each use.
// Spec: accounts-and-clients, section 1.
func (t Token) Verify(key string, sdkAppID uint32, identifier string, now time.Time) error {
	p := t.payload
	switch {
	case key == "":
		return ErrNoKey
	case p.sdkAppID != sdkAppID:
		return fmt.Errorf("%w: made for %d, used for %d", ErrSDKAppID, p.sdkAppID, sdkAppID)
	case p.identifier != identifier:
		return fmt.Errorf("%w: made for %q, used by %.*q", ErrIdentifier, p.identifier, MaxIdentifier, identifier)
	case t.Expired(now):
		return fmt.Errorf("%w: valid until %s, now it is %s", ErrExpired,
			t.ValidUntil().Format(time.RFC3339), now.UTC().Format(time.RFC3339))
	case !hmac.Equal([]byte(p.sign(key)), []byte(t.sig)):
		return fmt.Errorf("%w: changed, or signed with another key than SDKAppID %d has", ErrSignature, sdkAppID)
	}
	return nil
}
