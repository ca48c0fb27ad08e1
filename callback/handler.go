package callback

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"sync"
	"time"
)

// defaultMaxBody is the limit of a body in bytes, 1 MiB.
const defaultMaxBody = 1 << 20

// Handler receives the callbacks of one App. It checks in this order, and refuses with the HTTP status given and a FAIL
// envelope: the method is POST (405); the query is at most 16 KiB (414); the SDKAppID of the URL is the own one (403);
// Sign, if Token is set (403); the size of the body (413); both signatures, if SigningSecrets are set (403); the body is a
// JSON object (400); URL and body name the same command (400); the numbers of the Callboard headers parse (400); the body
// decodes as the packet of its command (400).
//
// Then it calls the function of the command, or OnAny. A function that is nil, and one that returns nil, is answered OK. One that
// returns an error or panics is answered HTTP 200 with FAIL, after which Callboard delivers the callback again and the
// documented cloud does not. A function should return soon: the sender waits 2 s to 5 s, and its context ends when the
// sender leaves.
type Handler struct {
	// SDKAppID is the own one. With 0, every request is refused.
	SDKAppID uint32
	// Token is the one of set_callback_token. Empty, Sign is not checked.
	Token string
	// SigningSecrets are the live ones, see NewSigner. Empty, signatures are not checked; else a callback needs both. While
	// one of them cannot be used, every request is refused (500).
	SigningSecrets []string
	// MaxBody is the limit of a body in bytes; 0 means 1 MiB.
	MaxBody int64
	// Now is the clock for RequestTime and Webhook-Timestamp; nil means time.Now.
	Now func() time.Time
	// ErrorLog receives refused requests (Warn), failed functions and panics (Error); nil means slog.Default. No token,
	// secret or signature is logged.
	ErrorLog *slog.Logger

	OnModifyAdmin     func(context.Context, Delivery, ModifyAdmin) error
	OnChangeOwner     func(context.Context, Delivery, ChangeOwner) error
	OnCreateRoom      func(context.Context, Delivery, CreateRoom) error
	OnDestroyRoom     func(context.Context, Delivery, DestroyRoom) error
	OnUpdateRoomInfo  func(context.Context, Delivery, UpdateRoomInfo) error
	OnSeatInfoChanged func(context.Context, Delivery, SeatInfoChanged) error
	OnCreateBattle    func(context.Context, Delivery, CreateBattle) error
	OnStartBattle     func(context.Context, Delivery, StartBattle) error
	OnEndBattle       func(context.Context, Delivery, EndBattle) error

	OnSetMetadata func(context.Context, Delivery, SetMetadata) error
	OnDelMetadata func(context.Context, Delivery, DelMetadata) error
	// OnAfterSendMessage receives the messages of rooms.
	OnAfterSendMessage func(context.Context, Delivery, AfterSendMessage) error

	// OnBeforeSendMessage answers whether a message may be sent, and how. An error refuses it: an *Error with a Code of 10100 to
	// 10200 for the author to see, any other, and a panic, with 10016.
	OnBeforeSendMessage func(context.Context, Delivery, BeforeSendMessage) (MessageAnswer, error)
	// OnBeforeSendGift answers whether a gift may be sent: nil allows it. An error refuses it: an *Error with a Code of 102100 to
	// 102200 for the giver to see, any other, and a panic, with 102004.
	OnBeforeSendGift func(context.Context, Delivery, BeforeSendGift) error

	// OnMemberStateChanged also receives what was sent by the word Live.CallbackMemberStateChanged, a misprint of one page.
	OnMemberStateChanged func(context.Context, Delivery, MemberStateChanged) error
	OnRoomThreshold      func(context.Context, Delivery, RoomThreshold) error
	// OnOther receives every command without a packet type here, with its JSON in Delivery.Body.
	OnOther func(context.Context, Delivery) error
	// OnAny, when set, receives every command instead of the functions above, which are not called then. The Receive of
	// an Inbox goes here. The two questions never come here: they report nothing and have no numbers.
	OnAny func(context.Context, Delivery) error

	signing   sync.Once // makes the two below of SigningSecrets
	signer    *Signer
	signerErr error
}

// ServeHTTP answers one callback.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	delivery, err := h.accept(w, r)
	var message MessageAnswer
	if err == nil {
		message, err = h.dispatch(r.Context(), delivery)
	}
	h.log(r.Context(), delivery, err)
	status, answer := answerOf(err)
	writeAnswer(w, status, message.in(answer))
}

// accept runs every check that does not need the packet. Its errors are refusals.
func (h *Handler) accept(w http.ResponseWriter, r *http.Request) (Delivery, error) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return Delivery{}, &refusal{status: http.StatusMethodNotAllowed, info: "a callback is a POST request"}
	}
	if len(r.URL.RawQuery) > maxQuery {
		return Delivery{}, &refusal{status: http.StatusRequestURITooLong, info: "the query is longer than 16 KiB"}
	}
	q := parseQuery(r.URL.RawQuery)
	if err := h.authenticate(q); err != nil {
		return Delivery{}, err
	}
	body, err := h.readBody(w, r)
	if err != nil {
		return Delivery{}, err
	}
	if err := h.verify(r.Header, body); err != nil {
		return Delivery{}, err
	}
	command, err := commandOf(q, body)
	if err != nil {
		return Delivery{}, err
	}
	d := Delivery{SDKAppID: h.SDKAppID, Command: command, ClientIP: q.get("ClientIP"), OptPlatform: q.get("OptPlatform"), Body: body}
	if err := d.readHeaders(r.Header); err != nil {
		return d, &refusal{status: http.StatusBadRequest, info: "a number in the Callboard headers does not parse", cause: err}
	}
	return d, nil
}

// authenticate decides from the URL alone whether the callback is meant for this App backend and comes from its sender.
func (h *Handler) authenticate(q query) error {
	id, err := strconv.ParseUint(q.get("SdkAppid"), 10, 32)
	if err != nil || id == 0 || uint32(id) != h.SDKAppID {
		return &refusal{status: http.StatusForbidden, info: "the SDKAppID of the URL is not that of this App backend"}
	}
	if h.Token == "" {
		return nil
	}
	if err := VerifySign(h.Token, q.get("Sign"), q.get("RequestTime"), h.now()); err != nil {
		return &refusal{status: http.StatusForbidden, info: "Sign or RequestTime is not valid", cause: err}
	}
	return nil
}

func (h *Handler) now() time.Time {
	if h.Now != nil {
		return h.Now()
	}
	return time.Now()
}

// verify decides from the signatures whether headers and body are as they were sent.
func (h *Handler) verify(header http.Header, body []byte) error {
	if len(h.SigningSecrets) == 0 {
		return nil
	}
	h.signing.Do(func() { h.signer, h.signerErr = NewSigner(h.SigningSecrets...) })
	if h.signerErr != nil {
		return &refusal{status: http.StatusInternalServerError, info: "the signing secrets of this App backend cannot be used", cause: h.signerErr}
	}
	if err := h.signer.Verify(header, body, h.now()); err != nil {
		return &refusal{status: http.StatusForbidden, info: "a signature or its timestamp is not valid", cause: err}
	}
	return nil
}

func (h *Handler) readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	limit := h.MaxBody
	if limit <= 0 {
		limit = defaultMaxBody
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, &refusal{status: http.StatusRequestEntityTooLarge, info: fmt.Sprintf("the body is larger than %d bytes", limit)}
	}
	if err != nil {
		return nil, &refusal{status: http.StatusBadRequest, info: "the body was cut off", cause: err}
	}
	return body, nil
}

// commandOf returns the command that both the URL and the body name.
func commandOf(q query, body []byte) (Command, error) {
	var head struct{ CallbackCommand string }
	// Unmarshal alone would take null for an object.
	if !bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")) {
		return "", &refusal{status: http.StatusBadRequest, info: "the body is not a JSON object"}
	}
	if err := json.Unmarshal(body, &head); err != nil {
		return "", &refusal{status: http.StatusBadRequest, info: "the body is not a JSON object with a command", cause: err}
	}
	command := canonical(head.CallbackCommand)
	if command == "" || command != canonical(q.get("CallbackCommand")) {
		return "", &refusal{status: http.StatusBadRequest, info: "URL and body do not name the same CallbackCommand"}
	}
	return command, nil
}

// dispatch calls the function of a command. The answer is the zero value, unless a message is asked about.
func (h *Handler) dispatch(ctx context.Context, d Delivery) (message MessageAnswer, err error) {
	switch d.Command {
	case CommandBeforeSendMessage:
		ask := h.OnBeforeSendMessage
		if ask == nil {
			return message, decodeAndCall[BeforeSendMessage](ctx, d, nil, nil)
		}
		err = decodeAndCall(ctx, d, func(ctx context.Context, d Delivery, packet BeforeSendMessage) (err error) {
			message, err = ask(ctx, d, packet)
			return err
		}, nil)
		return message, err
	case CommandBeforeSendGift:
		return message, decodeAndCall(ctx, d, h.OnBeforeSendGift, nil)
	}
	return message, h.report(ctx, d)
}

// report calls the function of a callback that reports something.
func (h *Handler) report(ctx context.Context, d Delivery) error {
	switch d.Command {
	case CommandAfterModifyAdmin:
		return decodeAndCall(ctx, d, h.OnModifyAdmin, h.OnAny)
	case CommandAfterChangeOwner:
		return decodeAndCall(ctx, d, h.OnChangeOwner, h.OnAny)
	case CommandAfterCreateRoom:
		return decodeAndCall(ctx, d, h.OnCreateRoom, h.OnAny)
	case CommandAfterDestroyRoom:
		return decodeAndCall(ctx, d, h.OnDestroyRoom, h.OnAny)
	case CommandAfterUpdateRoomInfo:
		return decodeAndCall(ctx, d, h.OnUpdateRoomInfo, h.OnAny)
	case CommandAfterSetMetadata:
		return decodeAndCall(ctx, d, h.OnSetMetadata, h.OnAny)
	case CommandAfterDelMetadata:
		return decodeAndCall(ctx, d, h.OnDelMetadata, h.OnAny)
	case CommandAfterSeatInfoChanged:
		return decodeAndCall(ctx, d, h.OnSeatInfoChanged, h.OnAny)
	case CommandAfterCreateBattle:
		return decodeAndCall(ctx, d, h.OnCreateBattle, h.OnAny)
	case CommandAfterStartBattle:
		return decodeAndCall(ctx, d, h.OnStartBattle, h.OnAny)
	case CommandAfterEndBattle:
		return decodeAndCall(ctx, d, h.OnEndBattle, h.OnAny)
	case CommandAfterSendMessage:
		return decodeAndCall(ctx, d, h.OnAfterSendMessage, h.OnAny)
	case CommandAfterMemberStateChanged:
		return decodeAndCall(ctx, d, h.OnMemberStateChanged, h.OnAny)
	case CommandAfterReachingThreshold:
		return decodeAndCall(ctx, d, h.OnRoomThreshold, h.OnAny)
	}
	switch {
	case h.OnAny != nil:
		return recovered(func() error { return h.OnAny(ctx, d) })
	case h.OnOther != nil:
		return recovered(func() error { return h.OnOther(ctx, d) })
	}
	return nil
}

// function is one of Handler for the packet T.
type function[T any] func(context.Context, Delivery, T) error

// decodeAndCall decodes also when there is no function, so that a sender hears of a broken packet from every App backend.
func decodeAndCall[T any](ctx context.Context, d Delivery, own function[T], instead func(context.Context, Delivery) error) error {
	packet, err := Decode[T](d)
	switch {
	case err != nil:
		return &refusal{status: http.StatusBadRequest, info: "the body is not a valid packet of its command", cause: err}
	case instead != nil:
		return recovered(func() error { return instead(ctx, d) })
	case own != nil:
		return recovered(func() error { return own(ctx, d, packet) })
	}
	return nil
}

// panicked is the error of a function that panicked.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

// recovered runs function and returns its panic as an error. Without it net/http would drop the connection, and the
// sender could not tell the panic from a network failure.
func recovered(function func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &panicked{value: value, stack: debug.Stack()}
		}
	}()
	return function()
}

func (h *Handler) log(ctx context.Context, d Delivery, err error) {
	chosen := (*Error)(nil)
	if err == nil || isQuestion(d.Command) && errors.As(err, &chosen) && chosen != nil { // a no is an answer
		return
	}
	logger := h.ErrorLog
	if logger == nil {
		logger = slog.Default()
	}
	switch failure := err.(type) { //nolint:errorlint // both types are made here and never wrapped
	case *refusal:
		logger.WarnContext(ctx, "callback refused", "status", failure.status, "reason", failure.info, "cause", excerpt(failure.cause))
	case *panicked:
		logger.ErrorContext(ctx, "callback function panicked", "command", d.Command, "event", d.EventID,
			"panic", failure.value, "stack", string(failure.stack))
	default:
		logger.ErrorContext(ctx, "callback function failed", "command", d.Command, "event", d.EventID, "error", err)
	}
}

// excerpt bounds what a request can write into the log: the errors of encoding/json and strconv repeat its numbers.
func excerpt(err error) string {
	if err == nil {
		return ""
	}
	const limit = 200
	text := err.Error()
	if len(text) > limit {
		text = text[:limit] + "..."
	}
	return text
}
