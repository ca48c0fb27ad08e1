package live

import (
	"log/slog"
	"slices"
	"time"
)

// App is the settings of one App. Values are shared between readers; whoever changes one works on a copy.
type App struct {
	ID AppID
	// Key is the secret key that UserSigs are signed with.
	Key string
	// Administrators are the App administrators, who may call the REST API.
	Administrators []Account
	// Tokens are those that programs may show instead of a UserSig, for the feed and the operations; with ReadTokens they may only look.
	Tokens     []string `json:",omitempty"`
	ReadTokens []string `json:",omitempty"`
	// Production switches off what helps only in development.
	Production bool
	// Dissolve says when rooms end by themselves.
	Dissolve Dissolve
	// Callback is nil until it is set.
	Callback *Callback `json:",omitempty"`
	// Token is nil until it is set.
	Token *Token `json:",omitempty"`
	// CallbackTLS is how App backends of this App are spoken to over https.
	CallbackTLS TLSFiles
	// SigningSecrets sign what is sent to the callback URL: they are the config's, and stay when a URL is set by REST.
	SigningSecrets []string `json:",omitempty"`
	Delivery       Delivery
	// DiscardTo is the last number whose callbacks nobody wants any more at the callback URL: set when the callback was
	// deleted, its URL taken away, or what waits discarded.
	DiscardTo int64
	// Endpoints get the callbacks too, each as a reader of its own.
	Endpoints []Endpoint `json:",omitempty"`
	// DocumentedLimits holds the App to the documented frequencies of calls.
	DocumentedLimits bool `json:",omitempty"`
	// MaxRooms is the most rooms that the App may have; 0: any number, and nobody counts them.
	MaxRooms int64 `json:",omitempty"`
	// FeedCommands are logged though nobody is called back for them, for the feed.
	FeedCommands []string `json:",omitempty"`
	// Fingerprint is that of the config section which was applied last, empty when there was none.
	Fingerprint string
}

// Token is the callback authentication of an App. Spec: live_config/set_callback_token.
type Token struct {
	Token   string
	Enabled bool
}

// TLSFiles name the PEM files for https to an App backend; empty means the system's roots and no client certificate.
type TLSFiles struct{ CA, Certificate, Key string }

// Profile says what an answer of an App backend leads to.
type Profile string

// The profiles of delivery.
const (
	// Durable tries again until the App backend has accepted a callback.
	Durable Profile = "durable"
	// Cloud sends once, as the documented service does.
	Cloud Profile = "cloud"
)

// Delivery is how callbacks of an App are delivered.
type Delivery struct {
	Profile Profile
	// StrictAnswers makes an answer that is not the documented envelope a failure in the durable profile too.
	StrictAnswers bool
	// Timeout covers one attempt from DNS to the end of the answer.
	Timeout time.Duration
	// Concurrency is the most attempts in flight at one time.
	Concurrency int
	// GiveUpAfter is how long a callback may fail while the endpoint answers others.
	GiveUpAfter time.Duration
}

// Subscribed tells whether a command is to be called back: its switch is on, and a URL is set, that of the callback or of an
// endpoint.
func (a *App) Subscribed(command string) bool {
	return a.Callback != nil && (a.Callback.URL != "" || len(a.Endpoints) > 0) && slices.Contains(a.Callback.Commands, command)
}

// Feeds tells whether a command is to be logged for the feed.
func (a *App) Feeds(command string) bool { return slices.Contains(a.FeedCommands, command) }

// HasCallbackURL tells whether somebody is to be called at the callback URL.
func (a *App) HasCallbackURL() bool { return callbackURL(a) != "" }

// IsAdministrator tells whether the account is an App administrator.
func (a *App) IsAdministrator(account Account) bool {
	return slices.Contains(a.Administrators, account)
}

// LogValue implements [slog.LogValuer]: nothing of an App but its id goes into a log.
func (a *App) LogValue() slog.Value { return slog.Uint64Value(uint64(a.ID)) }

// ChangedSettings names the settings in which two Apps differ, for the audit table; before may be nil.
func ChangedSettings(before, after *App) []string {
	if before == nil {
		return []string{"created"}
	}
	var names []string
	note := func(name string, same bool) {
		if !same {
			names = append(names, name)
		}
	}
	note("key", before.Key == after.Key)
	note("administrators", slices.Equal(before.Administrators, after.Administrators))
	note("tokens", slices.Equal(before.Tokens, after.Tokens) && slices.Equal(before.ReadTokens, after.ReadTokens))
	note("production", before.Production == after.Production)
	note("dissolve", before.Dissolve == after.Dissolve)
	note("callback.url", callbackURL(before) == callbackURL(after))
	note("callback.commands", slices.Equal(callbackCommands(before), callbackCommands(after)))
	note("callback.token", equalToken(before.Token, after.Token))
	note("callback.signing_secrets", slices.Equal(before.SigningSecrets, after.SigningSecrets))
	note("callback.tls", before.CallbackTLS == after.CallbackTLS)
	note("delivery", before.Delivery == after.Delivery)
	note("limits", before.DocumentedLimits == after.DocumentedLimits)
	note("max_rooms", before.MaxRooms == after.MaxRooms)
	note("discard", before.DiscardTo == after.DiscardTo && !slices.ContainsFunc(after.Endpoints, func(e Endpoint) bool {
		return e.DiscardTo != before.DiscardedTo(e.Name)
	}))
	note("feed.commands", slices.Equal(before.FeedCommands, after.FeedCommands))
	note("endpoints", slices.EqualFunc(before.Endpoints, after.Endpoints, func(a, b Endpoint) bool {
		return a.Name == b.Name && a.equal(b.Destination)
	}))
	return names
}

func callbackURL(a *App) string {
	if a.Callback == nil {
		return ""
	}
	return a.Callback.URL
}

func callbackCommands(a *App) []string {
	if a.Callback == nil {
		return nil
	}
	return a.Callback.Commands
}

func equalToken(a, b *Token) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}
