//go:build unix

package acceptance

import (
	"strings"
	"testing"
	"time"

	"github.com/callboard/callboard/liveapi"
	"github.com/callboard/callboard/usersig"
)

// badQueries fail to prove that the caller is an App administrator.
func badQueries(t *testing.T, s *site) []badCall {
	right := s.query(t)
	without := func(name string) string {
		var kept []string
		for part := range strings.SplitSeq(right, "&") {
			if !strings.HasPrefix(part, name+"=") {
				kept = append(kept, part)
			}
		}
		return strings.Join(kept, "&")
	}
	var list []badCall
	for _, c := range append(badSigs(t, s), []queryCase{
		{"no query", "", liveapi.CodeSDKAppIDMissing, "sdkappid is missing"},
		{"no sdkappid", without("sdkappid"), liveapi.CodeSDKAppIDMissing, "sdkappid is missing"},
		{"SDKAppID in other letters", strings.Replace(right, "sdkappid=", "SdkAppid=", 1), liveapi.CodeSDKAppIDMissing, "letter case"},
		{"sdkappid no number", without("sdkappid") + "&sdkappid=abc", liveapi.CodeSDKAppIDInvalid, "1 to 4294967295"},
		{"sdkappid too large", without("sdkappid") + "&sdkappid=4294967296", liveapi.CodeSDKAppIDInvalid, "1 to 4294967295"},
		{"unknown sdkappid", without("sdkappid") + "&sdkappid=7", liveapi.CodeSDKAppIDUnknown, "config file"},
		{"no identifier", without("identifier"), liveapi.CodeBadRequest, "identifier is missing"},
		{"no usersig", without("usersig"), liveapi.CodeUserSigInvalid, "usersig is missing"},
		{"random no number", without("random") + "&random=x", liveapi.CodeBadRequest, "random"},
		{"broken escape", right + "&x=%zz", liveapi.CodeBadRequest, "URL-encoded"},
		{"semicolons", strings.ReplaceAll(right, "&", ";"), liveapi.CodeBadRequest, "URL-encoded"},
		{"query over 16 KiB", right + "&x=" + strings.Repeat("x", 16<<10), liveapi.CodeBadRequest, "16384"},
	}...) {
		list = append(list, badCall{c.name, request{path: modifyAdminPath, query: c.query, body: addMallory}, c.code, []string{c.says}})
	}
	return list
}

type queryCase struct {
	name, query string
	code        liveapi.Code
	says        string
}

func badSigs(t *testing.T, s *site) []queryCase {
	sig := s.sign(t, adminClaims())
	old := adminClaims()
	old.IssuedAt = time.Now().Add(-2 * time.Hour)
	buffered := adminClaims()
	buffered.UserBuf = []byte("a room permission")
	otherApp := adminClaims()
	otherApp.SDKAppID++
	otherUser := adminClaims()
	otherUser.Identifier = "mallory"
	foreign, err := usersig.New(newKey(), adminClaims())
	if err != nil {
		t.Fatal(err)
	}
	s.remember(foreign)
	return []queryCase{
		{"expired UserSig", s.queryOf(t, old), liveapi.CodeUserSigExpired, "make a new one"},
		{"UserSig of another key", queryWith(administrator, foreign), liveapi.CodeUserSigWrongKey, "another key"},
		{"UserSig of another App", s.queryOf(t, otherApp), liveapi.CodeUserSigSDKAppID, "1400000002"},
		{"UserSig of another identifier", s.queryOf(t, otherUser), liveapi.CodeUserSigIdentifier, "mallory"},
		{"UserSig cut in half", queryWith(administrator, sig[:len(sig)/2]), liveapi.CodeUserSigInvalid, "send it whole"},
		{"UserSig without its last letter", queryWith(administrator, sig[:len(sig)-1]), liveapi.CodeUserSigInvalid, "send it whole"},
		{"UserSig with a letter more", queryWith(administrator, sig+"A"), liveapi.CodeUserSigInvalid, "send it whole"},
		{"UserSig that is none", queryWith(administrator, "abc"), liveapi.CodeUserSigInvalid, "send it whole"},
		{"UserSig with a userbuf", s.queryOf(t, buffered), liveapi.CodeUserSigInvalid, "userbuf"},
		{"UserSig as identifier", queryWith(sig, sig), liveapi.CodeUserSigIdentifier, "another identifier"},
		{"no App administrator", queryWith("mallory", s.sign(t, otherUser)), liveapi.CodeNotAdministrator, "administrators of the App"},
	}
}
