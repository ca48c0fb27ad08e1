package question

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/callboard/callboard/internal/live"
)

// maxInfo is how much of an ErrorInfo a caller is told, in bytes.
const maxInfo = 1 << 10

// answer is what an App backend may say. Spec: callbacks 2, 6.13 and 6.17.
type answer struct {
	ErrorCode       json.RawMessage
	ErrorInfo       json.RawMessage
	MsgBody         json.RawMessage
	CloudCustomData json.RawMessage
}

// judge returns the ruling of an answer, or why it is not valid. ErrorCode alone decides. Spec: callbacks 2.
func judge(status int, body []byte, tooLarge bool, topic live.Topic) (live.Ruling, string) {
	if status != http.StatusOK {
		return live.Ruling{}, fmt.Sprintf("status %d", status)
	}
	if tooLarge {
		return live.Ruling{}, "an answer over 64 KiB"
	}
	r, err := parse(body)
	if err != nil {
		return live.Ruling{}, err.Error()
	}
	if topic != live.TopicMessage {
		r.Body, r.CloudCustomData = nil, nil
	}
	return r, ""
}

var (
	errNoObject = errors.New("an answer that is no JSON object")
	errNoCode   = errors.New("an answer without an ErrorCode that is an integer")
	errNoBody   = errors.New("an answer whose MsgBody cannot be sent")
	errNoData   = errors.New("an answer whose CloudCustomData is no string, or too long")
)

// parse reads an answer. Its errors repeat nothing of it.
func parse(body []byte) (live.Ruling, error) {
	body = bytes.Trim(bytes.TrimPrefix(body, []byte("\ufeff")), " \t\r\n")
	var a answer
	if !bytes.HasPrefix(body, []byte("{")) || !utf8.Valid(body) || json.Unmarshal(body, &a) != nil {
		return live.Ruling{}, errNoObject
	}
	code, err := integer(a.ErrorCode)
	if err != nil {
		return live.Ruling{}, errNoCode
	}
	r := live.Ruling{Answered: true, Code: code, Info: info(a.ErrorInfo)}
	if code != 0 {
		return r, nil
	}
	if !absent(a.MsgBody) {
		if json.Unmarshal(a.MsgBody, &r.Body) != nil || live.CheckMessageBody(r.Body) != nil {
			return live.Ruling{}, errNoBody
		}
	}
	if !absent(a.CloudCustomData) {
		if json.Unmarshal(a.CloudCustomData, &r.CloudCustomData) != nil || len(*r.CloudCustomData) > live.MaxCloudCustomData {
			return live.Ruling{}, errNoData
		}
	}
	return r, nil
}

func absent(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }

// integer reads an integer, quoted or not.
func integer(raw json.RawMessage) (int64, error) {
	return strconv.ParseInt(strings.Trim(string(raw), `"`), 10, 64)
}

// info reads a text for the caller; what is none is passed over.
func info(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	s = strings.ReplaceAll(s, "\x00", "")
	return strings.ToValidUTF8(s[:min(len(s), maxInfo)], "")
}
