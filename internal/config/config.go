package config

import (
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// The values of Delivery.Profile.
const (
	// ProfileDurable retries until an answer says OK or the event is given up.
	ProfileDurable = "durable"
	// ProfileCloud makes one attempt, as the cloud documents it.
	ProfileCloud = "cloud"
)

// The values of Delivery.Answers.
const (
	// AnswersLenient takes every 2xx answer without a refusal as delivered.
	AnswersLenient = "lenient"
	// AnswersStrict also retries 2xx answers without a JSON object.
	AnswersStrict = "strict"
)

// The values of App.Limits.
const (
	// LimitsOff lets an App call as often as it likes.
	LimitsOff = "off"
	// LimitsDocumented refuses calls above their documented frequency.
	LimitsDocumented = "documented"
)

// What applies when neither file, environment nor flags say otherwise.
const (
	DefaultListen         = "127.0.0.1:8080"
	DefaultDatabase       = "sqlite:callboard.db"
	DefaultAdministrator  = "administrator"
	DefaultDurableTimeout = 5 * time.Second
	DefaultCloudTimeout   = 2 * time.Second
	DefaultGiveUpAfter    = 24 * time.Hour
	DefaultConcurrency    = 64
	DefaultMemory         = 200_000_000 // bytes
	DefaultLogRetention   = 7 * 24 * time.Hour
	DefaultDeadRetention  = 30 * 24 * time.Hour
	DefaultDissolveEmpty  = 30 * time.Minute
)

// MaxConcurrency is the largest Delivery.Concurrency: the attempts that the
// whole process may have in flight.
const MaxConcurrency = 1024

// Config is everything that a server needs to start.
type Config struct {
	// Listen is the address that the server listens on, host:port. An empty
	// host means all addresses, port 0 any free port.
	Listen string
	// Database is sqlite:PATH, or a postgres:// or postgresql:// URL with a
	// host, which may hold a password: print RedactedDatabase instead. What its
	// parameters mean is for those who connect.
	Database string
	TLS      TLS
	Egress   Egress
	// Memory is the size in bytes that all budgets of the process are scaled
	// by; 32 MB to 1 TB.
	Memory    int64
	Retention Retention
	// Apps are in the order of the file; no SDKAppID stands twice. It is
	// empty without a file.
	Apps []App
}

// TLS names the PEM files of the server's certificate: both or none.
type TLS struct {
	Certificate, Key string
}

// Egress adds ranges to what outgoing calls may reach (Allow) and takes
// ranges away from it (Deny). Prefixes are masked, without zone.
type Egress struct {
	Allow, Deny []netip.Prefix
}

// Retention says how long the log of an App and its dead letters are kept.
type Retention struct {
	// Log is how long a log keeps what is settled. An event that is still
	// undelivered at that age becomes a dead letter. 1 minute to 10 years.
	Log time.Duration
	// Dead is how long dead letters are kept; at least 1 minute.
	Dead time.Duration
}

// App is the section of one SDKAppID.
type App struct {
	// SDKAppID is at least 1.
	SDKAppID uint32
	// Key is the secret key that UserSigs are signed with: 1 to 256
	// printable ASCII characters without blanks, from key or key_file.
	// Spec: accounts-and-clients, UserSig.
	Key Secret
	// Administrators are the App administrators: the identifiers that may
	// call the REST API. It is empty only where the file says so.
	// Spec: rest-api, App administrator.
	Administrators []string
	// Tokens may be shown instead of a UserSig below /callboard/v1/, and
	// ReadTokens where nothing is changed: together at most 16, each of 16 to
	// 256 printable ASCII characters without blanks.
	Tokens, ReadTokens []Secret
	// Production marks an App that real users depend on: its rooms are not
	// dissolved sooner than the cloud would.
	Production bool
	Dissolve   Dissolve
	// Callback is nil if the section is absent: then the file says nothing
	// about callbacks, and what was set by REST stands.
	Callback *Callback
	Delivery Delivery
	// Endpoints get the callbacks too: at most 8, no name twice.
	Endpoints []Endpoint
	// Limits is LimitsOff or LimitsDocumented.
	Limits string
	// MaxRooms is the most rooms that the App may have, up to 1,000,000;
	// 0: any number.
	MaxRooms int64
	// FeedCommands are logged for the feed though nobody is called back for
	// them: at most 200, each once.
	FeedCommands []string
}

// Dissolve says when rooms of an App end by themselves. Spec: rest-api,
// destroy_room, automatic dissolution.
type Dissolve struct {
	// Empty is how long a room may be empty that somebody was in: 10 minutes
	// to 24 hours, or without Production from 1 second on.
	Empty time.Duration
	// OwnerLeft is how long the owner may be away who has left: 2 minutes to
	// 12 hours, or without Production from 1 second on; 0: for ever.
	OwnerLeft time.Duration
}

// Callback is where callbacks go and which are switched on.
type Callback struct {
	// URL is absolute, http or https, at most 2,048 bytes of what can be
	// printed, without blanks and fragment. It is empty where the commands
	// are for the endpoints only.
	// It may hold secrets in its user part and query: redact it in logs.
	// Spec: callbacks, rules on the configured URL.
	URL string
	// Commands are the callback commands switched on: at most 200, none
	// twice. Commands that Live does not know are kept, with a Warning.
	Commands []string
	// Token makes the documented Sign; empty switches it off. At most 128
	// characters. Spec: callbacks, signed URL.
	Token Secret
	// SigningSecrets make the signatures: none, one, or two while they are
	// rotated, the first one first. Each is one that callback.NewSigner takes.
	SigningSecrets []Secret
	TLS            CallbackTLS
}

// Endpoint is a further place where the callbacks of an App go to: those of
// Callback.Commands, from the endpoint's creation on.
type Endpoint struct {
	// Name has 1 to 32 of a-z, 0-9 and -.
	Name string
	// The rules of URL, Token, SigningSecrets and TLS are those of Callback;
	// there is always a URL.
	URL            string
	Token          Secret
	SigningSecrets []Secret
	TLS            CallbackTLS
	// Delivery is that of the App where the file does not have one.
	Delivery Delivery
}

// CallbackTLS names PEM files for calls to an App backend: the authorities to
// trust (empty: the system's) and the client certificate with its key, both or
// none.
type CallbackTLS struct {
	CA, Certificate, Key string
}

// Delivery says how callbacks of an App are sent.
type Delivery struct {
	// Profile is ProfileDurable or ProfileCloud.
	Profile string
	// Answers is AnswersLenient or AnswersStrict; it matters for
	// ProfileDurable only.
	Answers string
	// Timeout bounds one attempt, from resolving the name to the last byte
	// of the answer; above zero.
	Timeout time.Duration
	// GiveUpAfter is how long an event may fail, while the App backend
	// answers others, before it becomes a dead letter; at least 1 second. It
	// matters for ProfileDurable only. Where it is longer than Retention.Log,
	// that decides first, and there is a Warning.
	GiveUpAfter time.Duration
	// Concurrency is the number of attempts in flight, 1 to MaxConcurrency.
	Concurrency int
}

// RedactedDatabase is Database as it may be logged: a postgres:// URL without
// its password and its parameters, any of which may be a secret.
func (c Config) RedactedDatabase() string {
	if strings.HasPrefix(c.Database, sqliteScheme) {
		return c.Database
	}
	u, err := url.Parse(c.Database)
	if err != nil {
		return redacted
	}
	u.RawQuery, u.Fragment = "", ""
	return u.Redacted()
}

func defaultDelivery() Delivery {
	return Delivery{
		Profile:     ProfileDurable,
		Answers:     AnswersLenient,
		GiveUpAfter: DefaultGiveUpAfter,
		Concurrency: DefaultConcurrency,
	}
}

// defaultTimeout follows the profile: the cloud waits 2 s for an answer.
func defaultTimeout(profile string) time.Duration {
	if profile == ProfileCloud {
		return DefaultCloudTimeout
	}
	return DefaultDurableTimeout
}
