package wire

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/liveapi"
)

func TestEveryKindHasExactlyOneCode(t *testing.T) {
	seen := map[liveapi.Code]string{}
	for name, value := range constants(t, "../live", "Kind") {
		kind := live.Kind(value)
		code := Code(kind)
		if back, ok := Kind(code); !ok || back != kind {
			t.Errorf("kind %s has code %d, which is that of kind %d; give it a code of its own", name, code, back)
		}
		if other, ok := seen[code]; ok {
			t.Errorf("kinds %s and %s have the same code %d", name, other, code)
		}
		seen[code] = name
		if !slices.Contains(liveapi.Codes(), code) {
			t.Errorf("kind %s has code %d, which liveapi.Codes does not list", name, code)
		}
	}
	if len(seen) != len(codes) {
		t.Errorf("the table has %d kinds, package live %d", len(codes), len(seen))
	}
}

func TestEveryCodeHasAKind(t *testing.T) {
	for _, code := range liveapi.Codes() {
		kind, ok := Kind(code)
		if !ok {
			t.Errorf("code %d has no kind", code)
		} else if got := Code(kind); got != code {
			t.Errorf("code %d has kind %d, whose code is %d", code, kind, got)
		}
	}
	if kind, ok := Kind(liveapi.CodeOK); ok {
		t.Errorf("success has kind %d, want none", kind)
	}
}

func TestEveryDeclaredCodeIsListedOnce(t *testing.T) {
	var want []liveapi.Code
	for name, value := range constants(t, "../../liveapi", "Code") {
		if name != "CodeOK" {
			want = append(want, liveapi.Code(value))
		}
	}
	got := liveapi.Codes()
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Codes (-declared +listed):\n%s", diff)
	}
}

// An App backend may choose a code in its documented range, and no other: a code of this service would be a lie.
func TestAnAppBackendChoosesCodesInItsRangeOnly(t *testing.T) {
	for _, tt := range []struct {
		kind live.Kind
		code int
		want liveapi.Code
	}{
		{live.GiftRefused, 0, liveapi.CodeGiftRefused},
		{live.GiftRefused, 102099, liveapi.CodeGiftRefused},
		{live.GiftRefused, 102100, 102100},
		{live.GiftRefused, 102200, 102200},
		{live.GiftRefused, 102201, liveapi.CodeGiftRefused},
		{live.GiftRefused, 10100, liveapi.CodeGiftRefused},
		{live.MessageRefused, 0, liveapi.CodeMessageRefused},
		{live.MessageRefused, 10099, liveapi.CodeMessageRefused},
		{live.MessageRefused, 10100, 10100},
		{live.MessageRefused, 10200, 10200},
		{live.MessageRefused, 10201, liveapi.CodeMessageRefused},
		{live.RoomNotFound, 10100, liveapi.CodeRoomNotFound},
	} {
		got := CodeOf(&live.Error{Kind: tt.kind, Code: tt.code})
		if got != tt.want {
			t.Errorf("kind %d with %d: code %d, want %d", tt.kind, tt.code, got, tt.want)
		}
		if chosen := got == liveapi.Code(tt.code); got.Chosen() != chosen {
			t.Errorf("code %d: chosen %t, want %t", got, got.Chosen(), chosen)
		}
	}
	for _, code := range liveapi.Codes() {
		if code.Chosen() {
			t.Errorf("code %d of this service is in the range of App backends", code)
		}
	}
}

func TestUnknownKindIsAnInternalError(t *testing.T) {
	for _, kind := range []live.Kind{0, -1, 9999} {
		if got := Code(kind); got != liveapi.CodeInternal {
			t.Errorf("Code(%d) = %d, want %d", kind, got, liveapi.CodeInternal)
		}
	}
}

// documented are the codes that the pages name. Spec: REST 1.6, 2 and 3; callbacks 5.2; accounts and clients 1.
var documented = map[string][]liveapi.Code{
	"any endpoint": {60002, 60003, 60004, 60005, 60006, 60007, 60008, 60009, 60010, 60011, 60012, 60013, 60014, 60015,
		60016, 60017, 60018, 60019, 60020, 60021},
	"UserSig": {70001, 70003, 70009, 70013, 70014, 70016, 70020, 70050},

	"create_room":       {100001, 100002, 100003, 100007, 100010, 100011, 100012, 100026},
	"destroy_room":      {100001, 100002, 100004},
	"update_room_info":  {100001, 100002, 100004},
	"get_room_info":     {100001, 100002, 100004},
	"get_room_list":     {100001, 100002},
	"modify_admin":      {100001, 100002, 100004, 100020},
	"get_admin_list":    {100001, 100002, 100004},
	"change_room_owner": {100001, 100002, 100004},

	"get_room_metadata":           {100001, 100002, 100004},
	"set_room_metadata":           {100001, 100002, 100004, 100006, 100007, 100500, 100501, 100502, 100504},
	"del_room_metadata":           {100001, 100002, 100003, 100006, 100007, 100500, 100501, 100502, 100503},
	"set_mix_stream":              {100001, 100002, 100004, 100006, 100007, 100422},
	"resume_mcu_task":             {100001, 100002, 100004, 100006, 100007, 100422},
	"get_room_stats":              {100001, 100002, 100004},
	"get_member_list":             {100001, 100004, 100006},
	"ban_member":                  {100001, 100002, 100004},
	"unban_member":                {100001, 100002, 100004},
	"get_banned_member_list":      {100001, 100002, 100004},
	"mute_member":                 {100001, 100002, 100004},
	"get_muted_member_list":       {100001, 100002, 100004},
	"send_text_msg":               {100001, 100002, 100004},
	"send_custom_msg":             {100001, 100002, 100004},
	"add_robot":                   {100001, 100002, 100004, 100006},
	"del_robot":                   {100001, 100002, 100004, 100006},
	"get_robot":                   {100001, 100002, 100004, 100006},
	"the configuration of gifts":  {100001, 100002, 100006, 100012, 102001},
	"send_gift":                   {100001, 100002, 100003, 102001, 102002, 102004, 102008},
	"get_gift_count":              {100001, 100002},
	"live_engine_http_pk":         {100001, 100002, 100400, 100411, 100412, 100413, 100414, 100415, 100416, 100418, 100419, 100420, 100421},
	"room_engine_http_mic":        {100001, 100002, 100004, 100005, 100200, 100201, 100202, 100203, 100204, 100205, 100206, 100211},
	"co-host connections":         {100400, 100401, 100402, 100403, 100404, 100405},
	"the client's enumeration":    {100008, 100009, 100013, 100015, 100016, 100017, 100018, 100019, 100102, 100210, 100251},
	"entering":                    {101011},
	"Group.CallbackBeforeSendMsg": {10016},

	"set_callback":       {100001, 100002, 100300},
	"update_callback":    {100001, 100002, 100301},
	"get_callback":       {100001, 100002, 100301},
	"delete_callback":    {100001, 100002},
	"set_callback_token": {100001, 100002},
	"get_callback_token": {100001, 100002, 100302},
}

// notAnswered are documented codes that nothing here can lead to, with the reason.
var notAnswered = map[liveapi.Code]string{
	60004:  "a wrong account or signature has a code of its own in the 70000s",
	60005:  "as 60004",
	60008:  "a request that waited too long ends with 100001",
	60011:  "calls are counted by App and command: 60007",
	60013:  "there is no gateway with a backend behind it",
	60014:  "accounts are not converted",
	60016:  "an App cannot be disabled",
	60017:  "requests cannot be disabled",
	60018:  "as 60011",
	60019:  "as 60011",
	60020:  "there are no paid editions",
	60021:  "source addresses are not checked",
	70016:  "an App cannot be without a key",
	70050:  "failures are not counted",
	100007: "there are no packages to pay",
	100011: "there are no Chat groups",
	100026: "texts are not moderated",
	100009: "Category with too many entries is 100002",
	100015: "a RoomType that is not Live is 100002",
	100018: "rooms have no passwords",
	100019: "as 100018",
	100102: "there is no signalling",
	100202: "there is no queue for seats",
	100204: "as 100202",
	100210: "nothing here needs all seats to be empty",
	100251: "as 100210",
	100400: "rooms are not connected with each other",
	100401: "as 100400",
	100402: "as 100400",
	100403: "as 100400",
	100404: "as 100400",
	100405: "as 100400",
	100413: "too many calls are 60007",
	100414: "a room leaves a battle by its end only",
	100416: "a battle needs no answer: it starts at once",
	100418: "as 100416",
	100419: "nothing is refused because of a battle but another one",
	100420: "as 100416",
	100422: "as 100413",
	101011: "a room that is full is 100008",
	102001: "gifts cost nothing here",
	102008: "there is no switch for gifts",
}

func TestDocumentedCodesAreAnsweredOrHaveAReasonNotToBe(t *testing.T) {
	listed := liveapi.Codes()
	named := map[liveapi.Code]bool{}
	for endpoint, codes := range documented {
		for _, code := range codes {
			named[code] = true
			reason := notAnswered[code]
			if answered := slices.Contains(listed, code); answered == (reason != "") {
				t.Errorf("%s: code %d: answered %t, reason not to be: %q; want one of the two", endpoint, code, answered, reason)
			}
		}
	}
	for code := range notAnswered {
		if !named[code] {
			t.Errorf("code %d has a reason not to be answered and no page that names it", code)
		}
	}
	for _, code := range listed {
		if !named[code] {
			t.Errorf("code %d is answered and no page of these endpoints names it", code)
		}
	}
}

// constants reads the constants of a type from the source of a package: a list in a test would be forgotten like the
// table that it guards.
func constants(t *testing.T, folder, typeName string) map[string]int64 {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	fset, files := token.NewFileSet(), []*ast.File(nil)
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	// Imports are not resolved: constants of these types need none, and the errors about the rest do not matter.
	config := types.Config{Error: func(error) {}}
	pkg, _ := config.Check(folder, fset, files, nil)
	found := map[string]int64{}
	for _, name := range pkg.Scope().Names() {
		c, ok := pkg.Scope().Lookup(name).(*types.Const)
		if !ok {
			continue
		}
		if named, ok := c.Type().(*types.Named); ok && named.Obj().Name() == typeName {
			found[name], _ = constant.Int64Val(c.Val())
		}
	}
	if len(found) == 0 {
		t.Fatalf("%s has no constants of type %s", folder, typeName)
	}
	return found
}
