package callback

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Feed is how an Inbox reaches the server: where it is and who asks. The zero value is no feed.
type Feed struct {
	// URL is the server's address, such as https://live.example:8080; the paths below /callboard/v1/ are added to it.
	URL string
	// Token is sent as Authorization: Bearer. It is one of the App's tokens in the server's config.
	Token string
	// UserSig returns an App administrator and a UserSig of it, for a server without tokens. It is called for each
	// request and only when Token is empty, so it may renew the UserSig.
	UserSig func() (identifier, userSig string, err error)
	// Client makes the requests; nil means one that follows no redirects. Each request has a time limit of its own.
	Client *http.Client
	// Reader is who delivers to this App backend, as the server's operations name it: empty for the App's callback URL,
	// endpoint-NAME for an endpoint of the config. It is asked what waits, and for dead letters.
	Reader string
}

func (f *Feed) reader() string { return cmp.Or(f.Reader, "callback") }

const (
	// feedTime is the limit of one request, beyond what it asks the server to wait.
	feedTime = 10 * time.Second
	// maxAnswer bounds an answer in bytes: a page has 1 MiB of bodies, or one body that is larger.
	maxAnswer = 8 << 20
	// pageLimit is how many events, rooms or lanes a page has at most.
	pageLimit = 1000
)

var feedClient = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// goneError is the server's word that a position cannot be read after: it is of another log, or forgotten.
type goneError struct{ reason string }

func (e *goneError) Error() string { return "callback: the feed cannot go on from here: " + e.reason }

// call is one request to the server.
type call struct {
	method, path string
	query        url.Values
	body         []byte        // nil: none
	wait         time.Duration // how long the server is asked to wait
}

// events reads a page of the feed, of one lane unless lane is empty. The server waits for a first event as long as wait.
func (i *Inbox) events(ctx context.Context, after position, lane string, wait time.Duration) (*eventsPage, error) {
	c := call{method: http.MethodGet, path: "events", wait: wait}
	c.query = url.Values{"after": {after.String()}, "limit": {strconv.Itoa(pageLimit)}}
	if lane != "" {
		c.query.Set("lane", lane)
	}
	if wait > 0 {
		c.query.Set("wait", wait.String())
	}
	page := &eventsPage{}
	if err := i.ask(ctx, c, page); err != nil {
		return nil, err
	}
	return page, page.check(after)
}

func (i *Inbox) snapshotPage(ctx context.Context, after string) (*snapshotPage, error) {
	page := &snapshotPage{}
	query := url.Values{"after": {after}, "limit": {strconv.Itoa(pageLimit)}}
	if err := i.ask(ctx, call{method: http.MethodGet, path: "snapshot", query: query}, page); err != nil {
		return nil, err
	}
	return page, page.check()
}

func (i *Inbox) head(ctx context.Context) (*head, error) {
	h := &head{}
	if err := i.ask(ctx, call{method: http.MethodGet, path: "head", query: url.Values{"reader": {i.Feed.reader()}}}, h); err != nil {
		return nil, err
	}
	return h, h.check()
}

// fate asks what became of a callback of a log.
func (i *Inbox) fate(ctx context.Context, log string, seq int64) (*fate, error) {
	f, event := &fate{}, fmt.Sprintf("%d-%s-%d", i.SDKAppID, log, seq)
	err := i.ask(ctx, call{method: http.MethodGet, path: "why", query: url.Values{"reader": {i.Feed.reader()}, "event": {event}}}, f)
	if err != nil {
		return nil, err
	}
	return f, f.check(event)
}

// oldestLetter reads a page with the oldest dead letter.
func (i *Inbox) oldestLetter(ctx context.Context) (*lettersPage, error) {
	page := &lettersPage{}
	query := url.Values{"reader": {i.Feed.reader()}, "order": {"asc"}, "limit": {"1"}}
	if err := i.ask(ctx, call{method: http.MethodGet, path: "dead", query: query}, page); err != nil {
		return nil, err
	}
	return page, page.check()
}

func (i *Inbox) verify(ctx context.Context, log string, lanes []laneNumber) (*verifyAnswer, error) {
	body, err := json.Marshal(verifyRequest{Log: log, Lanes: lanes})
	if err != nil {
		return nil, fmt.Errorf("callback: %w", err)
	}
	answer := &verifyAnswer{}
	if err := i.ask(ctx, call{method: http.MethodPost, path: "verify", query: url.Values{}, body: body}, answer); err != nil {
		return nil, err
	}
	return answer, answer.check(log)
}

// ask makes one request and decodes its answer. Its errors name the path and never the query, which may hold a UserSig.
func (i *Inbox) ask(ctx context.Context, c call, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, feedTime+c.wait)
	defer cancel()
	status, text, err := i.exchange(ctx, c)
	switch {
	case err != nil:
		return fmt.Errorf("callback: %s: %w", c.path, err)
	case status == http.StatusGone:
		return &goneError{reason: reasonOf(text)}
	case status != http.StatusOK:
		return fmt.Errorf("callback: %s: HTTP %d: %s", c.path, status, reasonOf(text))
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return fmt.Errorf("callback: %s: the answer does not decode: %w", c.path, err)
	}
	return nil
}

// exchange sends the request of c and reads its whole answer.
func (i *Inbox) exchange(ctx context.Context, c call) (status int, text []byte, err error) {
	request, err := i.request(ctx, c)
	if err != nil {
		return 0, nil, err
	}
	client := i.Feed.Client
	if client == nil {
		client = feedClient
	}
	response, err := client.Do(request)
	if failed := (*url.Error)(nil); errors.As(err, &failed) {
		return 0, nil, failed.Err // without the URL
	}
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	text, err = io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err == nil && len(text) > maxAnswer {
		err = fmt.Errorf("the answer is larger than %d bytes", maxAnswer)
	}
	return response.StatusCode, text, err
}

func (i *Inbox) request(ctx context.Context, c call) (*http.Request, error) {
	c.query.Set("sdkappid", strconv.FormatUint(uint64(i.SDKAppID), 10))
	if i.Feed.Token == "" && i.Feed.UserSig != nil {
		identifier, userSig, err := i.Feed.UserSig()
		if err != nil {
			return nil, fmt.Errorf("Inbox.Feed.UserSig: %w", err)
		}
		c.query.Set("identifier", identifier)
		c.query.Set("usersig", userSig)
	}
	target := strings.TrimSuffix(i.Feed.URL, "/") + "/callboard/v1/" + c.path
	request, err := http.NewRequestWithContext(ctx, c.method, target, bytes.NewReader(c.body))
	if err != nil {
		return nil, errors.New("the URL of Inbox.Feed is not the address of a server")
	}
	request.URL.RawQuery = c.query.Encode()
	if i.Feed.Token != "" {
		request.Header.Set("Authorization", "Bearer "+i.Feed.Token)
	}
	if c.body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	return request, nil
}

// reasonOf returns the Error of an answer that is not 200, cut off, or what it begins with.
func reasonOf(text []byte) string {
	var refusal struct{ Error string }
	if json.Unmarshal(text, &refusal) == nil && refusal.Error != "" {
		return excerpt(errors.New(refusal.Error))
	}
	return excerpt(errors.New(string(text)))
}
