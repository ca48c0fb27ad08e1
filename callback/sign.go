package callback

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"strconv"
	"time"
)

// signWindow is how far RequestTime may lie from now, in seconds. The direction is not documented, so it counts both
// ways. Spec: callbacks, section 4.1.
const signWindow = 60

// The errors of VerifySign.
var (
	// ErrSign: the Sign is absent or was not made with this token for this RequestTime, or the token is empty.
	ErrSign = errors.New("callback: Sign does not match; compare the token with that of set_callback_token")
	// ErrRequestTime: the RequestTime is no Unix time in seconds, or it is more than 60 s from now.
	ErrRequestTime = errors.New("callback: RequestTime is more than 60 s away; compare the clocks of both ends")
)

// Sign returns the value of the URL's Sign: the SHA-256 of the token followed by the decimal requestTime, in 64
// lower-case hex digits. requestTime is a Unix time in seconds. Spec: callbacks, section 4.1.
func Sign(token string, requestTime int64) string {
	return digest(token, strconv.FormatInt(requestTime, 10))
}

// VerifySign checks sign and requestTime, both as the URL has them, decoded. It compares in constant time, over
// requestTime as written, and then wants it within 60 s of now in whole seconds, ahead or behind. Sign comes first, so
// that who does not know the token learns nothing about the clock. An empty token verifies nothing, since anybody can
// sign with it. Errors: ErrSign, ErrRequestTime.
func VerifySign(token, sign, requestTime string, now time.Time) error {
	want := digest(token, requestTime)
	if token == "" || subtle.ConstantTimeCompare([]byte(sign), []byte(want)) != 1 {
		return ErrSign
	}
	at, err := strconv.ParseInt(requestTime, 10, 64)
	if err != nil || at < now.Unix()-signWindow || at > now.Unix()+signWindow {
		return ErrRequestTime
	}
	return nil
}

func digest(token, requestTime string) string {
	sum := sha256.Sum256([]byte(token + requestTime))
	return hex.EncodeToString(sum[:])
}
