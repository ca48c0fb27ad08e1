package liveapi

// The values of ActionStatus. Spec: REST 1.3.
const (
	StatusOK   = "OK"
	StatusFail = "FAIL"
)

// Envelope is around every answer; the HTTP status is 200 whatever it says. Spec: REST 1.3.
type Envelope struct {
	// ActionStatus is StatusOK when ErrorCode is 0, else StatusFail.
	ActionStatus string `json:"ActionStatus"`
	// ErrorInfo says what to mend; empty on success.
	ErrorInfo string `json:"ErrorInfo"`
	ErrorCode Code   `json:"ErrorCode"`
	// RequestID is unique per request: Id-<32 hex digits>-O-Seq-<digits>.
	RequestID string `json:"RequestId"`
	// Response is the payload, one of the Response types of this package. It is left out on failure and by calls that
	// return no data.
	Response any `json:"Response,omitempty"`
}

// HeaderIdempotencyKey names a call that changes something, with at most 100 bytes: another call with the same key, within 24
// hours, changes nothing and is answered as the first was. A caller who does not know whether a call happened can so ask again.
const HeaderIdempotencyKey = "Callboard-Idempotency-Key"

// The services of the API, the second element of its paths: /v4/<service>/<command>.
const (
	ServiceLive   = "live_engine_http_srv"
	ServiceConfig = "live_config"
	ServiceBattle = "live_engine_http_pk"
	ServiceSeat   = "room_engine_http_mic"
	// ServiceGroup is the neighbour for which rooms are groups.
	ServiceGroup = "group_open_http_svc"
	// Neighbours, of which consoles call a few. Spec: accounts and clients 2.
	ServiceLogin   = "im_open_login_svc"
	ServiceProfile = "profile"
)
