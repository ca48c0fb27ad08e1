package liveapi

import (
	"encoding/json"
	"errors"
	"fmt"
)

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
	if len(envelope.Response) == 0 || string(envelope.Response) == "null" {
		return errors.New("the answer has no Response")
	}
	if err := json.Unmarshal(envelope.Response, payload); err != nil {
		return fmt.Errorf("the Response: %w", err)
	}
	return nil
}
