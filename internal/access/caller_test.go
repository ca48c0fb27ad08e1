package access

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/usersig"
)

const (
	testToken  = "0123456789abcdef"
	otherToken = "fedcba9876543210"
	readToken  = "reads0123456789a"
)

func settings(id live.AppID) *live.App {
	if id != testApp {
		return nil
	}
	return &live.App{ID: testApp, Key: testKey, Administrators: []live.Account{testAdmin}, Tokens: []string{otherToken, testToken}, ReadTokens: []string{readToken}}
}

// enter calls with a header Authorization, none if it is empty, and a query.
func enter(authorization, query string, needs Right) (Caller, error) {
	req := httptest.NewRequest(http.MethodGet, "/callboard/v1/events?"+query, http.NoBody)
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	return NewGate(0, nil).Enter(req, settings, needs)
}

func signedQuery(t testing.TB) string {
	t.Helper()
	return url.Values{"sdkappid": {testApp.String()}, "identifier": {string(testAdmin)}, "usersig": {sign(t, usersig.Claims{})}}.Encode()
}

func TestATokenOfTheAppOrAUserSigLetsIn(t *testing.T) {
	cases := []struct {
		name, authorization, query string
		by                         live.Account
	}{
		{"a token", "Bearer " + testToken, "sdkappid=1400000001", TokenName},
		{"another token", "Bearer " + otherToken, "sdkappid=1400000001&after=x", TokenName},
		{"letter case of the scheme", "bearer " + testToken, "sdkappid=1400000001", TokenName},
		{"a UserSig", "", signedQuery(t), testAdmin},
		{"a UserSig beside the authorization of a proxy", "Basic dTpw", signedQuery(t), testAdmin},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := enter(c.authorization, c.query, Operate)
			if err != nil || got.App == nil || got.App.ID != testApp || got.By != c.by {
				t.Errorf("caller %v of the App %v, %v, want %s", got.By, got.App, err, c.by)
			}
		})
	}
}

func TestWhoProvesNothingIsToldWhatToDoAndNoSecret(t *testing.T) {
	cases := []struct {
		name, authorization, query string
		status                     int
		says                       string
	}{
		{"a token of nobody", "Bearer " + strings.Repeat("x", 16), "sdkappid=1400000001", 401, "tokens of the App"},
		{"a part of a token", "Bearer " + testToken[:15], "sdkappid=1400000001", 401, "tokens of the App"},
		{"an empty token", "Bearer ", "sdkappid=1400000001", 401, "tokens of the App"},
		{"a token of nobody beside a UserSig", "Bearer x", signedQuery(t), 401, "tokens of the App"},
		{"a token without an App", "Bearer " + testToken, "", 400, "sdkappid is missing"},
		{"a token for an App that is not there", "Bearer " + testToken, "sdkappid=7", 401, "tokens of the App"},
		{"a token as a password", "Basic " + testToken, "sdkappid=1400000001", 400, "identifier is missing"},
		{"nothing", "", "sdkappid=1400000001", 400, "identifier is missing"},
		{"a long query", "Bearer " + testToken, "sdkappid=1400000001&x=" + strings.Repeat("x", MaxQuery), 400, "at most"},
		{"a broken UserSig", "", "sdkappid=1400000001&identifier=administrator&usersig=x", 401, "UserSig"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := enter(c.authorization, c.query, Read)
			refusal := (*Refusal)(nil)
			if !errors.As(err, &refusal) || refusal.Status != c.status || !strings.Contains(refusal.Text, c.says) {
				t.Errorf("caller %v, %v, want %d with %q", got.By, err, c.status, c.says)
			}
			if err != nil && strings.Contains(err.Error(), testToken) {
				t.Errorf("%q repeats a token", err)
			}
		})
	}
}

func TestAnAppWithoutTokensLetsNobodyInByOne(t *testing.T) {
	for _, token := range []string{"", "x"} {
		if _, found := rightOf(&live.App{}, token); found {
			t.Errorf("the token %q is one of an App that has none", token)
		}
	}
}

func TestATokenThatMayReadDoesNotOperate(t *testing.T) {
	for _, token := range []string{readToken, testToken} {
		if got, err := enter("Bearer "+token, "sdkappid=1400000001", Read); err != nil || got.By != TokenName {
			t.Errorf("the token %s does not read: %v", token, err)
		}
	}
	if _, err := enter("Bearer "+testToken, "sdkappid=1400000001", Operate); err != nil {
		t.Errorf("a token alone does not operate: %v", err)
	}
	_, err := enter("Bearer "+readToken, "sdkappid=1400000001", Operate)
	if r := (*Refusal)(nil); !errors.As(err, &r) || r.Status != http.StatusForbidden || !strings.Contains(r.Text, "may only read") {
		t.Errorf("a token that may read operates: %v, want 403", err)
	}
	// What forgets to say what it needs is not open to all.
	if _, err := enter("Bearer "+readToken, "sdkappid=1400000001", Right(0)); err == nil {
		t.Error("what says nothing about its needs takes any token")
	}
}

// Otherwise anybody could try which SDKAppIDs there are.
func TestAnAppThatIsNotThereIsAnsweredLikeABadProof(t *testing.T) {
	sig := func(app live.AppID, key string) string {
		s, err := usersig.New(key, usersig.Claims{SDKAppID: uint32(app), Identifier: string(testAdmin)})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	const nobody = live.AppID(7)
	foreign := strings.Repeat("1e", 32)
	cases := []struct {
		name, authorization string
		query               func(live.AppID) url.Values
	}{
		{"a token", "Bearer " + strings.Repeat("x", 16), func(live.AppID) url.Values { return url.Values{} }},
		{"an empty token", "Bearer ", func(live.AppID) url.Values { return url.Values{} }},
		{"a UserSig of another key", "", func(app live.AppID) url.Values { return url.Values{"usersig": {sig(app, foreign)}} }},
		{"a UserSig of another App", "", func(live.AppID) url.Values { return url.Values{"usersig": {sig(9, foreign)}} }},
		{"no UserSig at all", "", func(live.AppID) url.Values { return url.Values{"usersig": {"x"}} }},
		{"no identifier", "", func(live.AppID) url.Values { return url.Values{"identifier": {""}} }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			answer := func(app live.AppID) string {
				query := c.query(app)
				query.Set("sdkappid", app.String())
				if !query.Has("identifier") {
					query.Set("identifier", string(testAdmin))
				}
				_, err := enter(c.authorization, query.Encode(), Read)
				r := (*Refusal)(nil)
				if !errors.As(err, &r) {
					t.Fatalf("the App %d: %v", app, err)
				}
				return fmt.Sprint(r.Status, strings.ReplaceAll(r.Text, app.String(), "N"))
			}
			if there, not := answer(testApp), answer(nobody); there != not {
				t.Errorf("an App that is there: %s\none that is not:    %s", there, not)
			}
		})
	}
}
