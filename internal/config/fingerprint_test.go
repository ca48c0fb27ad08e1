package config_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/callboard/callboard/internal/config"
)

// fullApp has a value in every field, so that any of them can change.
func fullApp(t *testing.T) config.App {
	t.Helper()
	app := mustLoad(t, everyKey, nil).Apps[0]
	app.Callback.SigningSecrets = []config.Secret{"s"}
	return app
}

// TestFingerprintsOutliveReleases fails if an upgrade would apply every
// section again and so undo what was changed by REST.
func TestFingerprintsOutliveReleases(t *testing.T) {
	const want = "86e86471daf71dde9b85f30d69f35f4b99834500fcd09b390f53f09779c672f3"
	app := fullApp(t)
	app.Tokens, app.ReadTokens, app.Endpoints, app.Limits, app.MaxRooms, app.FeedCommands = nil, nil, nil, config.LimitsOff, 0, nil // of a later release
	app.Dissolve = config.Dissolve{Empty: config.DefaultDissolveEmpty}
	if got := app.Fingerprint(); got != want {
		t.Errorf("full section: got %s, want %s", got, want)
	}
	const wantSmall = "429e8a8ed18cc3d7e4ba4f2800a3a6a03b45757e2872e65bf08cbb4857502541"
	if got := mustLoad(t, "apps: [{sdkappid: 1, key: ab}]", nil).Apps[0].Fingerprint(); got != wantSmall {
		t.Errorf("small section: got %s, want %s", got, wantSmall)
	}
}

func TestFingerprintComparesWhatIsApplied(t *testing.T) {
	fingerprint := func(app string) string {
		vars := map[string]string{"K": "ab"}
		return mustLoad(t, "apps: [{sdkappid: 1, "+app+"}]", vars).Apps[0].Fingerprint()
	}
	want := fingerprint("key: ab")
	same := map[string]string{
		"variable":      "key: '${K}'",
		"file":          "key_file: " + write(t, "live.key", "ab\n"),
		"defaults":      "key: ab, administrators: [administrator], production: false, delivery: {profile: durable, timeout: 5s}",
		"another unit":  "key: ab, delivery: {timeout: 5000ms}",
		"order of keys": "delivery: {}, key: ab",
	}
	for name, app := range same {
		if got := fingerprint(app); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	if fingerprint("key: ab, callback: {url: http://h, commands: []}") == want {
		t.Error("an absent and a present callback section have one fingerprint")
	}
	moved := fingerprint("key: ab, administrators: [a], callback: {url: http://h, commands: [Live.CallbackAfterModifyAdmin]}")
	if moved == fingerprint("key: ab, administrators: [a, Live.CallbackAfterModifyAdmin], callback: {url: http://h, commands: []}") {
		t.Error("a text that moves to the next list keeps the fingerprint")
	}
}

// TestFingerprintCoversEveryField changes each field in turn, those added
// later too.
func TestFingerprintCoversEveryField(t *testing.T) {
	app := fullApp(t)
	before := app.Fingerprint()
	changed := 0
	eachLeaf(t, "App", reflect.ValueOf(&app).Elem(), func(path string, leaf reflect.Value) {
		old := reflect.New(leaf.Type()).Elem()
		old.Set(leaf)
		change(t, path, leaf)
		if app.Fingerprint() == before {
			t.Errorf("%s changed and the fingerprint did not", path)
		}
		leaf.Set(old)
		changed++
	})
	if app.Fingerprint() != before {
		t.Error("the fingerprint did not come back with the values")
	}
	const fields = 31
	if changed < fields {
		t.Errorf("changed %d fields, want at least %d", changed, fields)
	}
}

// eachLeaf visits every field that is no struct, and what lists of structs have; everything must be set.
func eachLeaf(t *testing.T, path string, v reflect.Value, visit func(string, reflect.Value)) {
	t.Helper()
	switch {
	case v.Kind() == reflect.Pointer && !v.IsNil():
		eachLeaf(t, path, v.Elem(), visit)
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			eachLeaf(t, path+"."+v.Type().Field(i).Name, v.Field(i), visit)
		}
	default:
		visit(path, v)
		for i := 0; v.Kind() == reflect.Slice && i < v.Len() && v.Index(i).Kind() == reflect.Struct; i++ {
			eachLeaf(t, fmt.Sprintf("%s[%d]", path, i), v.Index(i), visit)
		}
	}
}

func change(t *testing.T, path string, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.String:
		v.SetString(v.String() + "x")
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Int, reflect.Int64:
		v.SetInt(v.Int() + 1)
	case reflect.Uint32:
		v.SetUint(v.Uint() - 1)
	case reflect.Slice:
		v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
	default:
		t.Fatalf("%s: teach this test to change a %s", path, v.Type())
	}
}

func TestFingerprintSeesTheOrderOfLists(t *testing.T) {
	app := fullApp(t)
	before := app.Fingerprint()
	slices.Reverse(app.Administrators)
	if app.Fingerprint() == before {
		t.Error("got the same fingerprint for another order")
	}
}
