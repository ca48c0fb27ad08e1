package usersig

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// version is the only value of TLS.ver that is made and accepted. It is not signed.
const version = "2.0"

// maxUnix is the last second that a UserSig can be valid in, 9999-12-31 23:59:58
// UTC: every instant that is computed from it fits RFC 3339 and no sum overflows.
const maxUnix = 253402300798

// payload holds the signed values.
type payload struct {
	identifier string
	sdkAppID   uint32
	issued     int64  // Unix seconds
	expire     int64  // seconds
	userBuf    string // standard base64
	hasUserBuf bool   // an empty user buffer that is present is signed, too
}

// check tells which value is outside its limits. A payload that passes it has one
// signed text that no other payload has: no value can hold a line end.
func (p payload) check() error {
	if p.sdkAppID == 0 {
		return errors.New("SDKAppID is 0")
	}
	if p.issued < 0 || p.issued > maxUnix {
		return fmt.Errorf("time of issue is %d; want 0 to %d Unix seconds", p.issued, int64(maxUnix))
	}
	if p.expire < 0 || p.expire > maxUnix-p.issued {
		return fmt.Errorf("lifetime is %d seconds; want 0 to the end of the year 9999", p.expire)
	}
	return checkText("identifier", p.identifier, MaxIdentifier)
}

// checkText refuses what is empty, longer than limit bytes, no UTF-8, or holds an
// ASCII control character; field is named in the error.
func checkText(field, text string, limit int) error {
	if text == "" {
		return fmt.Errorf("%s is empty", field)
	}
	if len(text) > limit {
		return fmt.Errorf("%s has %d bytes; at most %d are allowed", field, len(text), limit)
	}
	if !utf8.ValidString(text) {
		return fmt.Errorf("%s is not valid UTF-8", field)
	}
	for i := range len(text) {
		if text[i] < 0x20 || text[i] == 0x7f {
			return fmt.Errorf("%s holds the control character 0x%02x", field, text[i])
		}
	}
	return nil
}

// sign returns the base64 of the HMAC over the payload's lines.
func (p payload) sign(key string) string {
	lines := make([]byte, 0, 128+len(p.identifier)+len(p.userBuf))
	lines = append(lines, "TLS.identifier:"...)
	lines = append(lines, p.identifier...)
	lines = append(lines, "\nTLS.sdkappid:"...)
	lines = strconv.AppendUint(lines, uint64(p.sdkAppID), 10)
	lines = append(lines, "\nTLS.time:"...)
	lines = strconv.AppendInt(lines, p.issued, 10)
	lines = append(lines, "\nTLS.expire:"...)
	lines = strconv.AppendInt(lines, p.expire, 10)
	lines = append(lines, '\n')
	if p.hasUserBuf {
		lines = append(lines, "TLS.userbuf:"...)
		lines = append(lines, p.userBuf...)
		lines = append(lines, '\n')
	}
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write(lines)
	return stdBase64.EncodeToString(mac.Sum(nil))
}

// marshal returns the JSON object of the payload and its signature.
func (p payload) marshal(sig string) ([]byte, error) {
	object := struct {
		Version    string  `json:"TLS.ver"`
		Identifier string  `json:"TLS.identifier"`
		SDKAppID   uint32  `json:"TLS.sdkappid"`
		Time       int64   `json:"TLS.time"`
		Expire     int64   `json:"TLS.expire"`
		UserBuf    *string `json:"TLS.userbuf,omitempty"`
		Sig        string  `json:"TLS.sig"`
	}{version, p.identifier, p.sdkAppID, p.issued, p.expire, nil, sig}
	if p.hasUserBuf {
		object.UserBuf = &p.userBuf
	}
	return json.Marshal(object)
}
