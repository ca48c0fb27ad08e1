package rest

import (
	"context"
	"unicode/utf8"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/liveapi"
)

// Spec: callbacks 5.2; both fields are needed.
func callbackFields(c *live.Callback) []field {
	return []field{
		text("Url", live.MaxCallbackURL, &c.URL).must(),
		texts("CallbackCommandList", live.MaxCallbackCommands, live.MaxCallbackCommand, &c.Commands).must(),
	}
}

func setCallbackFields(c *live.SetCallback) []field       { return callbackFields(&c.Callback) }
func updateCallbackFields(c *live.UpdateCallback) []field { return callbackFields(&c.Callback) }

func setCallbackAnswer(h *Handler, r *request, c live.SetCallback, _ live.Outcome) any {
	h.warnOfUnknown(r, c.Callback.Commands)
	return nil
}

func updateCallbackAnswer(h *Handler, r *request, c live.UpdateCallback, _ live.Outcome) any {
	h.warnOfUnknown(r, c.Callback.Commands)
	return nil
}

// warnOfUnknown tells of command words that will never be called back, most likely typing errors. What the cloud does
// with them is not documented, so they are kept. At most ten are named, so that a call cannot fill the log.
func (h *Handler) warnOfUnknown(r *request, words []string) {
	const most = 10
	var unknown []string
	count := 0
	for _, word := range words {
		if callback.KnownCommand(word) {
			continue
		}
		if count++; count <= most {
			unknown = append(unknown, word)
		}
	}
	if count > 0 {
		h.log.Warn("CallbackCommandList has words that are not documented; nothing is called back for them",
			"RequestId", r.id, "command", r.call.command, "SDKAppID", uint64(r.app.ID), "count", count, "words", unknown)
	}
}

func getCallback(_ context.Context, _ *Handler, r *request, _ nothing) (any, error) {
	c := r.app.Callback
	if c == nil {
		return nil, live.Refuse(live.CallbackNotFound, "no callback is configured; configure it with set_callback")
	}
	return liveapi.CallbackConfig{URL: c.URL, CallbackCommandList: notNull(c.Commands)}, nil
}

// Spec: callbacks 5.2; both fields are needed the first time, which the rules know.
func setTokenFields(c *live.SetToken) []field {
	return []field{
		optionalText("Token", live.MaxToken*utf8.UTFMax, &c.Token), // the rules count its characters
		optionalFlag("IsTokenEnable", &c.Enabled),
	}
}

// getCallbackToken answers the token in clear, as documented: an App administrator has to be able to read it.
func getCallbackToken(_ context.Context, _ *Handler, r *request, _ nothing) (any, error) {
	t := r.app.Token
	if t == nil {
		return nil, live.Refuse(live.TokenNotFound, "no callback token is configured; configure it with set_callback_token")
	}
	return liveapi.CallbackToken{Token: t.Token, IsTokenEnable: t.Enabled}, nil
}
