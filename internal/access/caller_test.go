package access

import (
	"errors"
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
)

func settings(id live.AppID) *live.App {
	if id != testApp {
		return nil
	}
	return &live.App{ID: testApp, Key: testKey, Administrators: []live.Account{testAdmin}, Tokens: []string{otherToken, testToken}}
}

// enter calls with a header Authorization, none if it is empty, and a query.
func enter(authorization, query string) (Caller, error) {
	req := httptest.NewRequest(http.MethodGet, "/callboard/v1/events?"+query, http.NoBody)
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	return NewGate(0, nil).Enter(req, settings)
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
			got, err := enter(c.authorization, c.query)
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
		{"a token for another App", "Bearer " + testToken, "sdkappid=7", 404, "no such App"},
		{"a token as a password", "Basic " + testToken, "sdkappid=1400000001", 400, "identifier is missing"},
		{"nothing", "", "sdkappid=1400000001", 400, "identifier is missing"},
		{"a long query", "Bearer " + testToken, "sdkappid=1400000001&x=" + strings.Repeat("x", MaxQuery), 400, "at most"},
		{"a broken UserSig", "", "sdkappid=1400000001&identifier=administrator&usersig=x", 401, "UserSig"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := enter(c.authorization, c.query)
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
		if hasToken(&live.App{}, token) {
			t.Errorf("the token %q is one of an App that has none", token)
		}
	}
}
