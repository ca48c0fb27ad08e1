package liveapi

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	// DefaultTimeout is that of a call without an HTTPClient of one's own: the backend itself takes up to 3 s.
	DefaultTimeout = 10 * time.Second
	// maxAnswer is the most bytes of an answer that are read. The largest, get_muted_member_list, has about half of it.
	maxAnswer = 1 << 20
)

// Options of a [Client]. BaseURL, SDKAppID, Identifier and one of UserSig and Sign are needed.
type Options struct {
	// BaseURL is scheme and host, for instance http://127.0.0.1:8080; a path goes before /v4.
	BaseURL  string
	SDKAppID uint32
	// Identifier is an App administrator of the App.
	Identifier string
	// UserSig is a signature for Identifier that outlives the client.
	UserSig string
	// Sign returns the signature for a call. It is called for each attempt, from many goroutines, and may return the same one
	// for as long as it is valid.
	Sign func() (string, error)
	// HTTPClient makes the requests; nil: one with DefaultTimeout and connections of its own. Redirects are never
	// followed, and a Timeout of 0 becomes DefaultTimeout; the client passed in is not changed.
	HTTPClient *http.Client
	// Attempts is how often a call is made at most that is safe to repeat: a read, or one under an idempotency key, see
	// [Client.WithKey]. It is made again after an error of the network, an HTTP status of 500 or above and [CodeInternal], with
	// pauses that double from about 100 ms to about 2 s, until its context ends. 0: DefaultAttempts; 1: none is repeated.
	Attempts int
}

// Client calls the REST API as one App administrator. It is safe for concurrent use.
type Client struct {
	base       string
	sdkAppID   string
	identifier string
	sign       func() (string, error)
	http       *http.Client
	attempts   int
	key        string // the idempotency key of calls that change something, empty when there is none
}

// NewClient checks the options and returns a client; it does not connect.
func NewClient(opt Options) (*Client, error) {
	base, err := checkBase(opt.BaseURL)
	if err != nil {
		return nil, err
	}
	sign := opt.Sign
	switch {
	case opt.Attempts < 0:
		return nil, errors.New("liveapi: Options.Attempts is negative")
	case opt.SDKAppID == 0:
		return nil, errors.New("liveapi: Options.SDKAppID is 0")
	case opt.Identifier == "":
		return nil, errors.New("liveapi: Options.Identifier is empty; it is an App administrator")
	case (opt.UserSig == "") == (opt.Sign == nil):
		return nil, errors.New("liveapi: set one of Options.UserSig and Options.Sign")
	case sign == nil:
		sign = func() (string, error) { return opt.UserSig, nil }
	}
	return &Client{
		base: base, sdkAppID: strconv.FormatUint(uint64(opt.SDKAppID), 10), identifier: opt.Identifier,
		sign: sign, http: httpClient(opt.HTTPClient), attempts: cmp.Or(opt.Attempts, DefaultAttempts),
	}, nil
}

func checkBase(base string) (string, error) {
	u, err := url.Parse(base)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", errors.New("liveapi: Options.BaseURL must be http:// or https:// and a host, without credentials and query")
	}
	return strings.TrimRight(u.String(), "/"), nil
}

func httpClient(given *http.Client) *http.Client {
	client := &http.Client{Transport: newTransport()}
	if given != nil {
		*client = *given
	}
	if client.Timeout == 0 {
		client.Timeout = DefaultTimeout
	}
	// A redirect would carry the UserSig to another place.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return client
}

// newTransport keeps as many idle connections to the one host as a busy App backend uses; the standard keeps two.
func newTransport() http.RoundTripper {
	standard, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport // the program has put its own there
	}
	transport := standard.Clone()
	transport.MaxIdleConnsPerHost = 64
	return transport
}

// call makes one call, as often as it takes and may be made. payload is where the Response goes, nil when there is none to come.
func (c *Client) call(ctx context.Context, service, command string, request, payload any) error {
	if err := c.repeat(ctx, service, command, request, payload); err != nil {
		return fmt.Errorf("liveapi: %s: %w", command, err)
	}
	return nil
}

// do is one attempt; again tells whether another one may end differently.
func (c *Client) do(ctx context.Context, service, command string, request, payload any) (again bool, err error) {
	body, err := json.Marshal(request)
	if err != nil {
		return false, err
	}
	sig, err := c.sign()
	if err != nil {
		return false, fmt.Errorf("sign: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url(service, command, sig), bytes.NewReader(body))
	if err != nil {
		return false, withoutURL(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if c.key != "" && !reads(command) {
		req.Header.Set(HeaderIdempotencyKey, c.key)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return ctx.Err() == nil, withoutURL(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return ctx.Err() == nil, fmt.Errorf("read the answer: %w", err)
	}
	err = decode(resp.StatusCode, answer, payload)
	return passing(resp.StatusCode, err), err
}

func (c *Client) url(service, command, sig string) string {
	query := url.Values{
		"sdkappid":    {c.sdkAppID},
		"identifier":  {c.identifier},
		"usersig":     {sig},
		"random":      {strconv.FormatUint(uint64(rand.Uint32()), 10)}, //nolint:gosec // the documentation asks for any number, not for a secret
		"contenttype": {"json"},
	}
	return c.base + "/v4/" + service + "/" + command + "?" + query.Encode()
}

// withoutURL takes the URL, which has the UserSig, out of an error of net/http.
func withoutURL(err error) error {
	for wrapped := (*url.Error)(nil); errors.As(err, &wrapped); {
		err = wrapped.Err
	}
	return err
}
