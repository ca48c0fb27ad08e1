package liveapi_test

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/liveapi"
)

const okEnvelope = `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"RequestId":"Id-1"}`

func okWith(response string) string {
	return `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"RequestId":"Id-1","Response":` + response + `}`
}

func TestEveryCallSendsItsDocumentedRequest(t *testing.T) {
	ctx := t.Context()
	cases := []struct {
		path, answer, body string
		want               any
		call               func(*liveapi.Client) (any, error)
	}{
		{"/v4/live_engine_http_srv/create_room", okWith(`{"RoomId":"r1"}`),
			`{"RoomInfo":{"RoomId":"r1","RoomType":"Live","IsPublicVisible":false,"Category":[1]}}`, "r1",
			func(c *liveapi.Client) (any, error) {
				return c.CreateRoom(ctx, liveapi.NewRoom{RoomID: "r1", IsPublicVisible: new(false), Category: []int64{1}})
			}},
		{"/v4/live_engine_http_srv/destroy_room", okWith(`{"Statistic":{"TotalViewers":7}}`),
			`{"RoomId":"r1"}`, liveapi.Statistic{TotalViewers: 7},
			func(c *liveapi.Client) (any, error) { return c.DestroyRoom(ctx, "r1") }},
		{"/v4/live_engine_http_srv/update_room_info", okEnvelope,
			`{"RoomInfo":{"RoomId":"r1","IsMessageDisabled":false,"Category":[],"Notice":""}}`, nil,
			func(c *liveapi.Client) (any, error) {
				return nil, c.UpdateRoomInfo(ctx, liveapi.RoomUpdate{
					RoomID: "r1", IsMessageDisabled: new(false), Notice: new(""), Category: []int64{}})
			}},
		{"/v4/live_engine_http_srv/get_room_info", okWith(`{"RoomInfo":{"RoomId":"r1","CreateTime":1693271354}}`),
			`{"RoomId":"r1"}`, liveapi.RoomInfo{RoomID: "r1", CreateTime: 1693271354},
			func(c *liveapi.Client) (any, error) { return c.GetRoomInfo(ctx, "r1") }},
		{"/v4/live_engine_http_srv/get_room_list", okWith(`{"Next":"1-r1","RoomList":[{"RoomId":"r1"}]}`),
			`{"Next":"","Count":1}`, liveapi.GetRoomListResponse{Next: "1-r1", RoomList: []liveapi.ListedRoom{{RoomID: "r1"}}},
			func(c *liveapi.Client) (any, error) { return c.GetRoomList(ctx, liveapi.GetRoomListRequest{Count: 1}) }},
		{"/v4/live_engine_http_srv/modify_admin", okEnvelope,
			`{"RoomId":"r1","Admin_Account":["a","b"],"OpType":"add"}`, nil,
			func(c *liveapi.Client) (any, error) { return nil, c.AddAdmin(ctx, "r1", "a", "b") }},
		{"/v4/live_engine_http_srv/modify_admin", okEnvelope,
			`{"RoomId":"r1","Admin_Account":["a"],"OpType":"delete"}`, nil,
			func(c *liveapi.Client) (any, error) { return nil, c.DeleteAdmin(ctx, "r1", "a") }},
		{"/v4/live_engine_http_srv/get_admin_list", okWith(`{"Admin_Account":["a"]}`),
			`{"RoomId":"r1"}`, []string{"a"},
			func(c *liveapi.Client) (any, error) { return c.GetAdminList(ctx, "r1") }},
		{"/v4/live_engine_http_srv/change_room_owner", okEnvelope,
			`{"RoomId":"r1","NewOwner_Account":"a"}`, nil,
			func(c *liveapi.Client) (any, error) { return nil, c.ChangeRoomOwner(ctx, "r1", "a") }},
		{"/v4/live_config/set_callback", okEnvelope,
			`{"Url":"https://a","CallbackCommandList":[]}`, nil,
			func(c *liveapi.Client) (any, error) {
				return nil, c.SetCallback(ctx, liveapi.CallbackConfig{URL: "https://a"})
			}},
		{"/v4/live_config/update_callback", okEnvelope,
			`{"Url":"https://a","CallbackCommandList":["x"]}`, nil,
			func(c *liveapi.Client) (any, error) {
				return nil, c.UpdateCallback(ctx, liveapi.CallbackConfig{URL: "https://a", CallbackCommandList: []string{"x"}})
			}},
		{"/v4/live_config/get_callback", okWith(`{"Url":"https://a","CallbackCommandList":["x"]}`),
			`{}`, liveapi.CallbackConfig{URL: "https://a", CallbackCommandList: []string{"x"}},
			func(c *liveapi.Client) (any, error) { return c.GetCallback(ctx) }},
		{"/v4/live_config/delete_callback", okEnvelope, `{}`, nil,
			func(c *liveapi.Client) (any, error) { return nil, c.DeleteCallback(ctx) }},
		{"/v4/live_config/set_callback_token", okEnvelope, `{"IsTokenEnable":false}`, nil,
			func(c *liveapi.Client) (any, error) {
				return nil, c.SetCallbackToken(ctx, liveapi.SetCallbackTokenRequest{IsTokenEnable: new(false)})
			}},
		{"/v4/im_open_login_svc/account_import", okEnvelope, `{"UserID":"a","Nick":""}`, nil,
			func(c *liveapi.Client) (any, error) {
				return nil, c.ImportAccount(ctx, liveapi.ImportAccountRequest{UserID: "a", Nick: new("")})
			}},
		{"/v4/profile/portrait_set", okEnvelope, `{"From_Account":"a","ProfileItem":[{"Tag":"Tag_Profile_IM_Nick","Value":"n"},{"Tag":"t","Value":7}]}`, nil,
			func(c *liveapi.Client) (any, error) {
				return nil, c.SetPortrait(ctx, liveapi.SetPortraitRequest{FromAccount: "a", ProfileItems: []liveapi.ProfileItem{
					{Tag: liveapi.TagNick, Value: "n"}, {Tag: "t", Value: 7}}})
			}},
		{"/v4/profile/portrait_get", okWith(`{"UserProfileItem":[{"To_Account":"a","ProfileItem":[{"Tag":"t","Value":7}]}]}`),
			`{"To_Account":["a"]}`, []liveapi.UserProfile{{ToAccount: "a", ProfileItems: []liveapi.ProfileItem{{Tag: "t", Value: 7.0}}}},
			func(c *liveapi.Client) (any, error) {
				return c.GetPortrait(ctx, liveapi.GetPortraitRequest{ToAccounts: []string{"a"}})
			}},
		{"/v4/live_config/get_callback_token", okWith(`{"Token":"t","IsTokenEnable":true}`),
			`{}`, liveapi.CallbackToken{Token: "t", IsTokenEnable: true},
			func(c *liveapi.Client) (any, error) { return c.GetCallbackToken(ctx) }},
	}
	s := newServer(t)
	client := s.client(t)
	for _, c := range cases {
		t.Run(strings.TrimPrefix(c.path, "/v4/"), func(t *testing.T) {
			s.will(http.StatusOK, c.answer)
			got, err := c.call(client)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]string{c.path, c.body}, []string{s.path, s.body}); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
			if _, err := strconv.ParseUint(strings.Join(s.query["random"], ""), 10, 32); err != nil {
				t.Errorf("random: %v", err)
			}
			delete(s.query, "random")
			want := map[string][]string{
				"sdkappid": {"1400000001"}, "identifier": {"administrator"}, "usersig": {testSig}, "contenttype": {"json"},
			}
			if diff := cmp.Diff(want, s.query); diff != "" {
				t.Errorf("query (-want +got):\n%s", diff)
			}
		})
	}
	if got := len(s.connections); got != 1 {
		t.Errorf("the calls took %d connections, want 1", got)
	}
}

func TestRefusalIsAnErrorWithItsCode(t *testing.T) {
	s := newServer(t)
	s.will(http.StatusOK, `{"ActionStatus":"FAIL","ErrorInfo":"there is no room","ErrorCode":100004,"RequestId":"Id-2"}`)
	_, err := s.client(t).GetRoomInfo(t.Context(), "r1")
	var got *liveapi.Error
	if !errors.As(err, &got) {
		t.Fatalf("got %v, want a *liveapi.Error", err)
	}
	if diff := cmp.Diff(&liveapi.Error{Code: liveapi.CodeRoomNotFound, Info: "there is no room", RequestID: "Id-2"}, got); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
}

func TestWhatIsNoAnswerIsAnError(t *testing.T) {
	cases := []struct {
		name   string
		status int
		answer string
		want   string
	}{
		{"a proxy's page", http.StatusBadGateway, "<html>" + testSig, "HTTP 502"},
		{"nothing", http.StatusOK, "", "HTTP 200"},
		{"no ErrorCode", http.StatusOK, `{"ActionStatus":"OK"}`, "not one of the REST API"},
		{"ErrorCode as text", http.StatusOK, `{"ErrorCode":"0"}`, "not one of the REST API"},
		{"no Response", http.StatusOK, okEnvelope, "no Response"},
		{"Response of another type", http.StatusOK, okWith(`[]`), "Response"},
		{"endless", http.StatusOK, strings.Repeat(" ", 1<<20) + okEnvelope, "longer than"},
		{"a redirect", http.StatusTemporaryRedirect, "", "HTTP 307"},
	}
	s := newServer(t)
	client := s.client(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s.will(c.status, c.answer)
			_, err := client.GetRoomInfo(t.Context(), "r1")
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), testSig) {
				t.Errorf("got %v, want an error with %q and without the UserSig", err, c.want)
			}
			if s.path != "/v4/live_engine_http_srv/get_room_info" {
				t.Errorf("the client went on to %s", s.path)
			}
		})
	}
}

func TestErrorsOfTheNetworkHaveNoUserSig(t *testing.T) {
	s := newServer(t)
	client := s.client(t)
	s.Close()
	err := client.DeleteCallback(t.Context())
	if err == nil || strings.Contains(err.Error(), "usersig") || strings.Contains(err.Error(), testSig[:8]) {
		t.Errorf("got %v, want an error without the query", err)
	}
}

// silent is a server that never answers.
type silent struct{}

func (silent) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, context.Cause(r.Context())
}

func TestCallEndsWithItsTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		given := &http.Client{Transport: silent{}}
		client, err := liveapi.NewClient(liveapi.Options{
			BaseURL: "http://callboard.example", SDKAppID: 1, Identifier: "a", UserSig: testSig, HTTPClient: given,
		})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		err = client.DeleteCallback(t.Context())
		if !errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), testSig[:8]) {
			t.Errorf("got %v, want a deadline without the UserSig", err)
		}
		if got := time.Since(start); got != liveapi.DefaultTimeout {
			t.Errorf("the call took %v, want %v", got, liveapi.DefaultTimeout)
		}
		if given.Timeout != 0 || given.CheckRedirect != nil {
			t.Error("the http.Client that was passed in was changed")
		}
	})
}

func TestSignIsAskedForEachCall(t *testing.T) {
	s := newServer(t)
	s.will(http.StatusOK, okEnvelope)
	calls := 0
	client, err := liveapi.NewClient(liveapi.Options{
		BaseURL: s.URL + "/", SDKAppID: 1, Identifier: "a",
		Sign: func() (string, error) {
			if calls++; calls == 3 {
				return "", errors.New("no key")
			}
			return "sig" + strconv.Itoa(calls), nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"sig1", "sig2"} {
		if err := client.DeleteCallback(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := s.query["usersig"][0]; got != want {
			t.Errorf("got usersig %q, want %q", got, want)
		}
	}
	if err := client.DeleteCallback(t.Context()); err == nil || !strings.Contains(err.Error(), "no key") {
		t.Errorf("got %v, want the error of Sign", err)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	sign := func() (string, error) { return testSig, nil }
	good := liveapi.Options{BaseURL: "https://a.example/base", SDKAppID: 1, Identifier: "a", UserSig: "x"}
	cases := []struct {
		name string
		bad  func(*liveapi.Options)
		want string
	}{
		{"no BaseURL", func(o *liveapi.Options) { o.BaseURL = "" }, "BaseURL"},
		{"BaseURL without a scheme", func(o *liveapi.Options) { o.BaseURL = "a.example:80" }, "BaseURL"},
		{"BaseURL of another scheme", func(o *liveapi.Options) { o.BaseURL = "ftp://a.example" }, "BaseURL"},
		{"BaseURL with credentials", func(o *liveapi.Options) { o.BaseURL = "http://u:secret@a.example" }, "BaseURL"},
		{"BaseURL with a query", func(o *liveapi.Options) { o.BaseURL = "http://a.example?a=b" }, "BaseURL"},
		{"no SDKAppID", func(o *liveapi.Options) { o.SDKAppID = 0 }, "SDKAppID"},
		{"negative Attempts", func(o *liveapi.Options) { o.Attempts = -1 }, "Attempts"},
		{"no Identifier", func(o *liveapi.Options) { o.Identifier = "" }, "Identifier"},
		{"no signature", func(o *liveapi.Options) { o.UserSig = "" }, "UserSig"},
		{"two signatures", func(o *liveapi.Options) { o.Sign = sign }, "Sign"},
	}
	if _, err := liveapi.NewClient(good); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			opt := good
			c.bad(&opt)
			_, err := liveapi.NewClient(opt)
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "secret") {
				t.Errorf("got %v, want an error that names %s", err, c.want)
			}
		})
	}
}

func TestCodesAreDistinctAndKnowNoSuccess(t *testing.T) {
	seen := map[liveapi.Code]bool{liveapi.CodeOK: true}
	for _, code := range liveapi.Codes() {
		if seen[code] {
			t.Errorf("code %d is listed twice, or is success", code)
		}
		seen[code] = true
	}
}
