package live_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/callboard/callboard/internal/live"
)

func TestCallbackSettingsHaveLimits(t *testing.T) {
	words := func(n int) []string { return strings.Split(strings.Repeat("w ", n-1)+"w", " ") }
	longest := "http://a/" + strings.Repeat("a", live.MaxCallbackURL-len("http://a/"))
	allowed := []live.Callback{
		callbackTo(longest), callbackTo("http://a", words(200)...), callbackTo("https://a", strings.Repeat("w", 128), "Future.Command"),
	}
	for _, c := range allowed {
		for _, command := range []live.AppCommand{live.SetCallback{Callback: c}, live.UpdateCallback{Callback: c}} {
			if err := command.Check(); err != nil {
				t.Errorf("%s was refused: %v", command.Name(), err)
			}
		}
	}
	refusals := []struct {
		callback live.Callback
		says     []string
	}{
		{callbackTo(""), []string{"Url", "http://", "https://"}},
		{callbackTo("ftp://a"), []string{"Url", "http://", "https://"}},
		{callbackTo("www.example.com"), []string{"Url", "http://", "https://"}},
		{callbackTo(longest + "a"), []string{"Url", "2049 bytes", "at most 2048"}},
		{callbackTo("http://a\x00"), []string{"Url", "NUL"}},
		{callbackTo("http://a/ b"), []string{"Url", "blank", "%20"}},
		{callbackTo("http://a/\n"), []string{"Url", "cannot be printed"}},
		{callbackTo("http://a/#part"), []string{"Url", "fragment", "remove it"}},
		{callbackTo("http://a:s3cret"), []string{"Url", "is not a URL"}},
		{callbackTo("http:///callback"), []string{"Url", "no host"}},
		{callbackTo("http://./"), []string{"Url", "no host"}},
		{callbackTo("http://" + strings.Repeat("a", 254)), []string{"Url", "254 bytes", "at most 253"}},
		{callbackTo("http://bühne.example"), []string{"Url", "host", "xn--"}},
		{callbackTo("http://a:0/"), []string{"Url", "port", "1 to 65535"}},
		{callbackTo("http://a:65536/"), []string{"Url", "port"}},
		{callbackTo("HTTP://a/"), []string{"Url", "http://"}},
		{callbackTo("http://a\xff"), []string{"Url", "UTF-8"}},
		{callbackTo("http://a", words(201)...), []string{"CallbackCommandList", "201", "at most 200"}},
		{callbackTo("http://a", "x", ""), []string{"CallbackCommandList[1]", "empty"}},
		{callbackTo("http://a", strings.Repeat("w", 129)), []string{"CallbackCommandList[0]", "129 bytes", "at most 128"}},
	}
	for _, c := range refusals {
		for _, command := range []live.AppCommand{
			live.SetCallback{Callback: c.callback}, live.UpdateCallback{Callback: c.callback},
			live.ConfigureApp{App: live.App{Callback: &c.callback}},
		} {
			refused(t, command.Check(), live.InvalidParameter, c.says...)
		}
	}
}

func TestRefusalsOfACallbackURLDoNotShowIt(t *testing.T) {
	for _, url := range []string{
		"s3cret", "http://s3cret:s3cret@/", "http://a:s3cret", "http://a/#s3cret", "http://a/ s3cret", "http://s3crét/", "http://a/%s3cret\x7f",
	} {
		err := callbackTo(url).Check()
		if text := fmt.Sprint(err); err == nil || strings.Contains(text, "s3cr") {
			t.Errorf("%s: got %q, want a refusal without the URL", url, text)
		}
	}
}
