package callback

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
)

const (
	headerTextVersion = "callboard-v1\n"
	headerPrefix      = "callboard-"
	maxHeaders        = 32 // Callboard headers of a callback; it has 13 at most today
)

// lowerNames are the names of the known headers in small letters, so that they need not be made for each callback.
var lowerNames = func() map[string]string {
	names := map[string]string{}
	for _, name := range []string{
		HeaderEventID, HeaderLog, HeaderSeq, HeaderPrev, HeaderLane, HeaderRoomSeq, HeaderRoomPrev, HeaderRoomState,
		HeaderAttempt, HeaderSkipped, HeaderReplay, HeaderCause, HeaderSignature,
	} {
		names[name] = strings.ToLower(name)
	}
	return names
}()

// signedHeader is one that Callboard-Signature covers.
type signedHeader struct{ name, value string }

// headerText appends what Callboard-Signature signs: a version, the timestamp, every Callboard header but the signature
// itself, by its name in small letters, and the SHA-256 of the body, each on a line of its own. Whatever begins with
// Callboard- is in it, known or not, so that a header which was added or taken away on the way is found. A header that
// stands twice, and more headers than a callback has, are refused: false.
func headerText(text []byte, header http.Header, timestamp string, body []byte) ([]byte, bool) {
	var room [maxHeaders]signedHeader
	list := room[:0]
	for name, values := range header {
		lower, known := lowerNames[name]
		if !known {
			if len(name) < len(headerPrefix) || !strings.EqualFold(name[:len(headerPrefix)], headerPrefix) {
				continue
			}
			lower = strings.ToLower(name)
		}
		if lower == lowerNames[HeaderSignature] {
			continue
		}
		if len(values) != 1 || len(list) == maxHeaders {
			return text, false
		}
		list = append(list, signedHeader{lower, strings.Trim(values[0], " \t")})
	}
	slices.SortFunc(list, func(a, b signedHeader) int { return strings.Compare(a.name, b.name) })
	text = append(text, headerTextVersion...)
	text = append(append(text, timestamp...), '\n')
	for _, h := range list {
		text = append(append(text, h.name...), ':')
		text = append(append(text, h.value...), '\n')
	}
	sum := sha256.Sum256(body)
	return append(hex.AppendEncode(text, sum[:]), '\n'), true
}
