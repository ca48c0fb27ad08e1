package liveapi

import (
	"encoding/json"
	"errors"
	"fmt"
)

// top is a payload that stands at the top level of the answer, under a key of its own. Spec: REST 6.
type top struct {
	key     string
	payload any
}

// decode reads an answer into payload, which may be nil. An ErrorCode that is not 0 becomes an *Error.
func decode(status int, answer []byte, payload any) error {
	if len(answer) > maxAnswer {
		return fmt.Errorf("the answer (HTTP %d) is longer than %d bytes", status, maxAnswer)
	}
	var envelope struct {
		ErrorInfo string
		ErrorCode *Code
		RequestID string `json:"RequestId"`
		Response  json.RawMessage
	}
	if err := json.Unmarshal(answer, &envelope); err != nil || envelope.ErrorCode == nil {
		// What a proxy says is not repeated: it may quote the URL.
		return fmt.Errorf("the answer (HTTP %d, %d bytes) is not one of the REST API; is the BaseURL right?", status, len(answer))
	}
	if *envelope.ErrorCode != CodeOK {
		return &Error{Code: *envelope.ErrorCode, Info: envelope.ErrorInfo, RequestID: envelope.RequestID}
	}
	if payload == nil {
		return nil
	}
	if _, ok := payload.(interface{ besideEnvelope() }); ok { // its fields stand beside those of the envelope
		return json.Unmarshal(answer, payload)
	}
	if t, ok := payload.(top); ok {
		var members map[string]json.RawMessage
		if err := json.Unmarshal(answer, &members); err != nil {
			return err
		}
		return decodeMember(t.key, members[t.key], t.payload)
	}
	return decodeMember("Response", envelope.Response, payload)
}

func decodeMember(key string, member json.RawMessage, payload any) error {
	if len(member) == 0 || string(member) == "null" {
		return errors.New("the answer has no " + key)
	}
	if err := json.Unmarshal(member, payload); err != nil {
		return fmt.Errorf("the %s: %w", key, err)
	}
	return nil
}
