package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/callboard/callboard/usersig"
)

// askFlags are those of commands that ask a server which runs.
type askFlags struct {
	Server     string `help:"Where the server listens." default:"http://127.0.0.1:8080" placeholder:"URL" env:"CALLBOARD_SERVER"`
	SDKAppID   uint32 `name:"sdkappid" help:"SDKAppID of the App; that of EVENT when there is one." placeholder:"N" env:"CALLBOARD_SDKAPPID"`
	Identifier string `help:"App administrator that asks." default:"administrator" placeholder:"ID"`
	KeyFile    string `help:"File with the App's secret key, to sign with; else the key is taken from CALLBOARD_KEY." placeholder:"F" type:"path"`
	Token      string `help:"Bearer token to ask with instead of a key; better in CALLBOARD_TOKEN, because others can read a command line." placeholder:"T" env:"CALLBOARD_TOKEN"`
	JSON       bool   `name:"json" help:"Print the server's answer as it is."`
}

// askWithin bounds one call: the server answers within five seconds.
const askWithin = 10 * time.Second

// maxAnswer is above the largest page, bodies included.
const maxAnswer = 16 << 20

// call is one request of an operation: GET unless there is a body.
type call struct {
	path  string
	query url.Values
	body  any
}

// ask makes a call and returns the answer's body.
func (f *askFlags) ask(ctx context.Context, c call) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	req, err := f.request(ctx, c)
	if err != nil {
		return nil, err
	}
	// A redirect would carry the signature to another place.
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		return nil, f.unreached(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("the answer of %s broke off: %w", f.Server, err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, refusal(resp.StatusCode, answer)
	}
	return answer, nil
}

func (f *askFlags) request(ctx context.Context, c call) (*http.Request, error) {
	base, err := url.Parse(f.Server)
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "" || base.User != nil || base.RawQuery != "" {
		return nil, errors.New("--server must be http:// or https:// and a host, such as http://127.0.0.1:8080")
	}
	if f.SDKAppID == 0 {
		return nil, errors.New("whose? name the App with --sdkappid, or set CALLBOARD_SDKAPPID")
	}
	query := url.Values{"sdkappid": {strconv.FormatUint(uint64(f.SDKAppID), 10)}}
	for name, values := range c.query {
		query[name] = values
	}
	if f.Token == "" {
		if err := f.sign(query); err != nil {
			return nil, err
		}
	}
	method, body := http.MethodGet, []byte(nil)
	if c.body != nil {
		method = http.MethodPost
		if body, err = json.Marshal(c.body); err != nil {
			return nil, err
		}
	}
	target := strings.TrimRight(base.String(), "/") + "/callboard/v1/" + c.path + "?" + query.Encode()
	req, err := http.NewRequestWithContext(ctx, method, target, bytes.NewReader(body))
	if err != nil {
		return nil, withoutURL(err)
	}
	if f.Token != "" {
		req.Header.Set("Authorization", "Bearer "+f.Token)
	}
	return req, nil
}

// sign adds a UserSig that is valid for as long as the call may take.
func (f *askFlags) sign(query url.Values) error {
	if f.KeyFile == "" && os.Getenv("CALLBOARD_KEY") == "" {
		return errors.New("who asks? name a file with the App's key with --key-file, or set CALLBOARD_KEY or CALLBOARD_TOKEN")
	}
	key, err := readKey(f.KeyFile)
	if err != nil {
		return err
	}
	sig, err := usersig.New(key, usersig.Claims{SDKAppID: f.SDKAppID, Identifier: f.Identifier, Expire: time.Minute})
	if err != nil {
		return err
	}
	query.Set("identifier", f.Identifier)
	query.Set("usersig", sig)
	return nil
}

// unreached says that the server could not be asked, without the URL, which has the signature.
func (f *askFlags) unreached(err error) error {
	err = withoutURL(err)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("nobody listens at %s: is the server running, and --server right?", f.Server)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s did not answer within %v", f.Server, askWithin)
	}
	return fmt.Errorf("%s cannot be asked: %w", f.Server, err)
}

// withoutURL takes the URL out of an error of net/http.
func withoutURL(err error) error {
	for wrapped := (*url.Error)(nil); errors.As(err, &wrapped); {
		err = wrapped.Err
	}
	return err
}

// refusal is what the server said.
func refusal(status int, answer []byte) error {
	var says struct{ Error string }
	if err := json.Unmarshal(answer, &says); err != nil || says.Error == "" {
		return fmt.Errorf("HTTP %d, and no answer of callboard: is --server the right address?", status)
	}
	switch status {
	case http.StatusUnauthorized:
		return fmt.Errorf("the server does not know who asks (401): %s", says.Error)
	case http.StatusForbidden:
		return fmt.Errorf("the server does not allow it (403): %s", says.Error)
	}
	return fmt.Errorf("HTTP %d: %s", status, says.Error)
}

// post asks for an operation and prints the answer as JSON, or what say makes of it.
func (f *askFlags) post(ctx context.Context, std streams, path string, body any, say func(answer map[string]any) string) error {
	answer, err := f.ask(ctx, call{path: path, body: body})
	if err != nil {
		return err
	}
	if f.JSON {
		_, err = std.out.Write(answer)
		return err
	}
	var fields map[string]any
	if err := json.Unmarshal(answer, &fields); err != nil {
		return fmt.Errorf("the answer cannot be read: %w", err)
	}
	_, err = fmt.Fprintln(std.out, say(fields))
	return err
}

// appOf is the SDKAppID of an event id, 0 when it has none.
func appOf(event string) uint32 {
	app, _, _ := strings.Cut(event, "-")
	n, err := strconv.ParseUint(app, 10, 32)
	if err != nil {
		return 0
	}
	return uint32(n)
}
