package usersig

import "errors"

// The kinds of failure, to be told apart with errors.Is; each names the documented
// code that it stands for. The texts around them say which field and which limit,
// and hold identifiers and SDKAppIDs, but never a key or a signature.
//
// Spec: accounts-and-clients, section 1, codes.
var (
	// ErrMalformed: the text is no UserSig, is longer than a limit or holds a value
	// outside its range; or a user buffer is no room permission. Code 70003.
	ErrMalformed = errors.New("usersig: malformed")
	// ErrVersion: the text was decoded, but its version is not 2.0. Code 70003.
	ErrVersion = errors.New("usersig: unknown version")
	// ErrSDKAppID: made for another App. Code 70014.
	ErrSDKAppID = errors.New("usersig: SDKAppID differs")
	// ErrIdentifier: made for another account. Code 70013.
	ErrIdentifier = errors.New("usersig: identifier differs")
	// ErrExpired: past its last second. Code 70001.
	ErrExpired = errors.New("usersig: expired")
	// ErrSignature: changed, or signed with another key. Code 70009.
	ErrSignature = errors.New("usersig: signature differs")
	// ErrNoKey: the secret key is empty, so nothing can be signed or verified. Code
	// 70016.
	ErrNoKey = errors.New("usersig: no secret key")
	// ErrClaims: New or Encode was given a value outside its limits. It has no code:
	// it is an error of the program that makes the UserSig.
	ErrClaims = errors.New("usersig: claims outside the limits")
)
