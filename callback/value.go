package callback

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Account is the UserID of an App user or an App administrator. It marshals to a JSON string. It unmarshals from a
// string or from an integer, whose digits it keeps: four documented samples print accounts as integers above 2^53,
// which a float64 would change. Spec: callbacks, section 6.
type Account string

// UnmarshalJSON reads a string or an integer; null leaves the account as it is. A fraction or an exponent is an error,
// because the digits that the sender meant cannot be told from it.
func (a *Account) UnmarshalJSON(b []byte) error {
	switch {
	case string(b) == "null":
		return nil
	case len(b) > 0 && b[0] == '"':
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return fmt.Errorf("account: %w", err)
		}
		*a = Account(s)
		return nil
	case isInteger(b):
		*a = Account(b)
		return nil
	}
	return errors.New("account: want a string or an integer")
}

// isInteger reports whether b, a JSON value, is a number without fraction and exponent.
func isInteger(b []byte) bool {
	digits := bytes.TrimPrefix(b, []byte("-"))
	return len(digits) > 0 && len(bytes.Trim(digits, "0123456789")) == 0
}

// Accounts is a list of accounts in the order of the wire.
type Accounts []Account

// MarshalJSON writes an array, `[]` for a nil list: the documented type is Array, and null is none.
func (a Accounts) MarshalJSON() ([]byte, error) { return marshalList([]Account(a)) }

// Categories is the list of an App's own tags of a room. The REST API allows at most 3. Nil after unmarshalling means
// that the key was absent or null.
type Categories []int64

// MarshalJSON writes an array, `[]` for a nil list.
func (c Categories) MarshalJSON() ([]byte, error) { return marshalList([]int64(c)) }

// marshalList does not escape HTML, so that the encoder around it decides: json.Marshal escapes what a MarshalJSON
// method returns, but an encoder without escaping could not undo it.
func marshalList[T any](list []T) ([]byte, error) {
	if list == nil {
		return []byte("[]"), nil
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(list); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}

// Millis is a Unix time in milliseconds, the unit of EventTime. It marshals to a JSON integer and unmarshals from an
// integer or from a string that holds one. It tells when something happened and never an order.
type Millis int64

// Time returns m in UTC.
func (m Millis) Time() time.Time { return time.UnixMilli(int64(m)).UTC() }

// UnmarshalJSON reads an integer, quoted or not; null leaves m as it is.
func (m *Millis) UnmarshalJSON(b []byte) error { return unmarshalInteger(b, (*int64)(m)) }

// Seconds is a Unix time in seconds, the unit of CreateTime. It reads and writes JSON as Millis does.
type Seconds int64

// Time returns s in UTC.
func (s Seconds) Time() time.Time { return time.Unix(int64(s), 0).UTC() }

// UnmarshalJSON reads an integer, quoted or not; null leaves s as it is.
func (s *Seconds) UnmarshalJSON(b []byte) error { return unmarshalInteger(b, (*int64)(s)) }

func unmarshalInteger(b []byte, to *int64) error {
	if string(b) == "null" {
		return nil
	}
	digits := b
	if len(b) >= 2 && b[0] == '"' {
		digits = b[1 : len(b)-1]
	}
	if !isInteger(digits) {
		return errors.New("time: want an integer, quoted or not")
	}
	n, err := strconv.ParseInt(string(digits), 10, 64)
	if err != nil {
		return fmt.Errorf("time: %w", err)
	}
	*to = n
	return nil
}
