package rest

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/liveapi"
)

// whole makes a call and returns its answer as text from the RequestId on, without it.
func (w *world) whole(command, body string) string {
	w.t.Helper()
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, newRequest(w.t, "/v4/live_engine_http_srv/"+command, body))
	_, text, _ := strings.Cut(rec.Body.String(), `"RequestId":"`)
	_, text, _ = strings.Cut(text, `"`)
	return text
}

func withGifts(t testing.TB) *world {
	w := newWorld(t)
	w.ok("add_gift", `{"GiftId":"g1","IconUrl":"i","ResourceUrl":"r","Coins":10,"Level":1,"ExtensionInfo":"{\"k\":\"<v>\"}","DefaultName":"name","DefaultDesc":"desc"}`)
	w.ok("add_gift", `{"GiftId":"g2","Coins":0,"DefaultName":"other"}`)
	w.ok("add_gift_category", `{"CategoryId":"c1","ExtensionInfo":"1","DefaultName":"cat","DefaultDesc":"cdesc"}`)
	return w
}

// Spec: REST 6. The documentation puts the payload at the top level, the vendor's console reads it under Response.
func TestPayloadOfGiftsStandsAtTheTopAndUnderResponse(t *testing.T) {
	w := withGifts(t)
	w.ok("set_gift_language", `{"GiftId":"g1","Language":"en","Name":"rose"}`)
	w.ok("set_gift_category_language", `{"CategoryId":"c1","Language":"en","CategoryName":"flowers","CategoryDesc":"all"}`)
	const gift = `"GiftInfo":{"GiftId":"g1","IconUrl":"i","ResourceUrl":"r","Coins":10,"Level":1,"ExtensionInfo":"{\"k\":\"<v>\"}","DefaultName":"name","DefaultDesc":"desc"}`
	const listed = `{"CategoryId":"c1","CategoryName":"cat","CategoryDesc":"cdesc","GiftIdList":["g1"],` +
		`"LanguageList":[{"Language":"en","CategoryName":"flowers","CategoryDesc":"all"}],"CategoryExtension":"1","ExtensionInfo":"1","DefaultName":"cat","DefaultDesc":"cdesc"}`
	for _, c := range []struct{ command, body, want string }{
		{"get_gift", `{"GiftId":"g1"}`, `,"Response":{` + gift + `},` + gift + `}`},
		{"add_gift_category_relations", `{"CategoryId":"c1","GiftIdList":["g1","none"]}`,
			`,"Response":{"InvalidGiftIdList":["none"]},"InvalidGiftIdList":["none"]}`},
		{"add_gift_category_relations", `{"CategoryId":"c1","GiftIdList":["g1"]}`, `,"Response":{"InvalidGiftIdList":[]},"InvalidGiftIdList":[]}`},
		{"get_gift_category_relations", `{"CategoryId":"c1"}`,
			`,"Response":{"Relation":{"CategoryId":"c1","GiftIdList":["g1"]}},"Relation":{"CategoryId":"c1","GiftIdList":["g1"]}}`},
		{"get_gift_category", `{"CategoryId":"c1"}`, `,"Response":{"Category":` + listed + `,"CategoryList":[` + listed + `]},` +
			`"GiftCategoryInfo":{"CategoryId":"c1","ExtensionInfo":"1","DefaultName":"cat","DefaultDesc":"cdesc"}}`},
		{"get_gift_language", `{"GiftId":"g1","Language":"en"}`,
			`,"Response":{"Language":{"Name":"rose","Desc":""}},"GiftInfo":{"Name":"rose","Desc":""}}`},
		{"get_gift_language", `{"GiftId":"g1","Language":"zh-Hant"}`,
			`,"Response":{"Language":{"Name":"name","Desc":"desc"}},"GiftInfo":{"Name":"name","Desc":"desc"}}`},
		{"get_gift_category_language", `{"CategoryId":"c1","Language":"en"}`,
			`,"Response":{"Language":{"CategoryName":"flowers","CategoryDesc":"all"}},"CategoryInfo":{"CategoryName":"flowers","CategoryDesc":"all"}}`},
		{"get_gift_category_language", `{"CategoryId":"c1","Language":"zh-Hans"}`,
			`,"Response":{"Language":{"CategoryName":"cat","CategoryDesc":"cdesc"}},"CategoryInfo":{"CategoryName":"cat","CategoryDesc":"cdesc"}}`},
		{"get_gift", `{"GiftId":"none"}`, `}`},
		{"set_gift_language", `{"GiftId":"g1","Language":"en","Desc":"d"}`, `}`},
	} {
		if diff := cmp.Diff(c.want, w.whole(c.command, c.body)); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", c.command, c.body, diff)
		}
	}
}

func TestListOfGiftsHasAllTexts(t *testing.T) {
	empty := newWorld(t).ok("get_gift_info_list", `{}`)
	if diff := cmp.Diff(`{"GiftList":[],"CategoryList":[],"TotalCount":0}`, empty); diff != "" {
		t.Errorf("list of an App without gifts (-want +got):\n%s", diff)
	}
	w := withGifts(t)
	w.ok("set_gift_language", `{"GiftId":"g2","Language":"zh-Hans","Name":"n","Desc":"d"}`)
	w.ok("edit_gift", `{"GiftId":"g1","Coins":11}`)
	got := w.ok("get_gift_info_list", `{}`)
	for _, want := range []string{
		`"GiftList":[{"GiftId":"g1","Name":"name","Desc":"desc","IconUrl":"i","ResourceUrl":"r","Coins":11,"Level":1,"ExtensionInfo":"{\"k\":\"<v>\"}","CreateTime":`,
		`"LanguageList":[]},{"GiftId":"g2","Name":"other","Desc":"","IconUrl":"","ResourceUrl":"","Coins":0,"Level":0,"ExtensionInfo":"","CreateTime":`,
		`"LanguageList":[{"Language":"zh-Hans","Name":"n","Desc":"d"}]}],"CategoryList":[{"CategoryId":"c1","CategoryName":"cat",`,
		`"TotalCount":2}`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("list = %s, want %s in it", got, want)
		}
	}
}

func TestGiftsThatWereSentAreCounted(t *testing.T) {
	w := withGifts(t)
	w.ok("create_room", `{"RoomInfo":{"RoomId":"r1","RoomType":"Live"}}`)
	count := func(account string) string {
		return w.ok("get_gift_count", `{"RoomId":"r1","From_Account":"`+account+`"}`)
	}
	none := `{"Sequence":0,"TotalCount":0,"TotalCoins":0,"GiftSenderCount":0}`
	if diff := cmp.Diff(none, count("host")); diff != "" {
		t.Errorf("before any gift (-want +got):\n%s", diff)
	}
	w.ok("send_gift", `{"RoomId":"r1","GiftId":"g1","From_Account":"ann","ReceiverList_Account":["host"]}`) // Count is 1
	w.ok("send_gift", `{"RoomId":"r1","GiftId":"g1","Count":3,"From_Account":"bob","ReceiverList_Account":["host","guest"]}`)
	w.ok("send_gift", `{"RoomId":"r1","GiftId":"g2","Count":null,"From_Account":"bob","ReceiverList_Account":["host"]}`)
	if diff := cmp.Diff(`{"Sequence":3,"TotalCount":5,"TotalCoins":40,"GiftSenderCount":2}`, count("host")); diff != "" {
		t.Errorf("what the host got (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(none, count("ann")); diff != "" {
		t.Errorf("what a sender got (-want +got):\n%s", diff)
	}
	stats := `{"TotalViewers":0,"TotalGiftsSent":8,"TotalGiftCoins":70,"TotalUniqueGiftSenders":2,"TotalLikesReceived":0,"TotalMsgCount":0}`
	for _, command := range []string{"get_room_stats", "get_room_statistic"} {
		if diff := cmp.Diff(stats, w.ok(command, `{"RoomId":"r1"}`)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", command, diff)
		}
	}
	const last = `{"Statistic":{"TotalViewers":0,"TotalGiftsSent":8,"TotalGiftCoins":70,"TotalUniqueGiftSenders":2,"TotalLikesReceived":0}}`
	if diff := cmp.Diff(last, w.ok("destroy_room", `{"RoomId":"r1"}`)); diff != "" {
		t.Errorf("destroy_room (-want +got):\n%s", diff)
	}
	w.ok("create_room", `{"RoomInfo":{"RoomId":"r1","RoomType":"Live"}}`)
	if diff := cmp.Diff(none, count("host")); diff != "" {
		t.Errorf("in the next life of the room (-want +got):\n%s", diff)
	}
}

func TestMetadataCanBeReadWholeAndByKeys(t *testing.T) {
	w := newWorld(t)
	w.ok("create_room", `{"RoomInfo":{"RoomId":"r1","RoomType":"Live"}}`)
	get := func(keys, want string) {
		t.Helper()
		if diff := cmp.Diff(`{"Metadata":`+want+`}`, w.ok("get_room_metadata", `{"RoomId":"r1","Keys":`+keys+`}`)); diff != "" {
			t.Errorf("keys %s (-want +got):\n%s", keys, diff)
		}
	}
	get(`[]`, `[]`)
	w.ok("set_room_metadata", `{"RoomId":"r1","Metadata":[{"Key":"a","Value":"<1>"},{"Key":"b","Value":""}]}`)
	get(`[]`, `[{"Key":"a","Value":"<1>"},{"Key":"b","Value":""}]`)
	get(`["b","x"]`, `[{"Key":"b","Value":""}]`)
	get(`["x"]`, `[]`)
	w.ok("del_room_metadata", `{"RoomId":"r1","Keys":["a"]}`)
	get(`[]`, `[{"Key":"b","Value":""}]`)
}

// A LayoutInfo belongs to LayoutMode 1000; without a LayoutList it does no harm in the other.
func TestLayoutInfoIsPassedOverInTheGrid(t *testing.T) {
	w := newWorld(t)
	w.ok("create_room", `{"RoomInfo":{"RoomId":"r1","RoomType":"Live","SeatTemplate":"VideoDynamicGrid9Seats","IsUnlimitedRoomEnabled":true}}`)
	for _, layout := range []string{`{}`, `{"LayoutList":null}`, `{"LayoutList":[]}`} {
		w.ok("set_mix_stream", `{"RoomId":"r1","LayoutMode":0,"LayoutInfo":`+layout+`}`)
	}
}

func TestEveryDocumentedRefusalOfMetadataGiftsAndMixing(t *testing.T) {
	w := withGifts(t)
	w.ok("create_room", `{"RoomInfo":{"RoomId":"r1","RoomType":"Live","SeatTemplate":"AudioSalon"}}`)
	w.ok("create_room", `{"RoomInfo":{"RoomId":"bare","RoomType":"Live","IsUnlimitedRoomEnabled":true}}`)
	w.ok("set_room_metadata", `{"RoomId":"r1","Metadata":[{"Key":"a","Value":"1"}]}`)
	set := func(entries ...string) string {
		return `{"RoomId":"r1","Metadata":[` + strings.Join(entries, ",") + `]}`
	}
	entry := func(key, value string) string { return `{"Key":"` + key + `","Value":"` + value + `"}` }
	var eleven, large []string
	for _, key := range strings.Split("bcdefghijk", "") {
		eleven = append(eleven, entry(key, ""))
		large = append(large, entry(key, strings.Repeat("v", 2000)))
	}
	const sent = `{"RoomId":"r1","GiftId":"g1","From_Account":"a","ReceiverList_Account":["b"]}`
	for _, c := range []struct {
		command, body string
		want          liveapi.Code
	}{
		{"set_room_metadata", set(eleven...), liveapi.CodeTooManyKeys},
		{"set_room_metadata", set(entry("a", strings.Repeat("v", 2049))), liveapi.CodeValueTooLong},
		{"set_room_metadata", set(large[:9]...), liveapi.CodeMetadataTooLarge},
		{"set_room_metadata", set(entry(strings.Repeat("k", 51), "")), liveapi.CodeKeyTooLong},
		{"set_room_metadata", set(), liveapi.CodeInvalidParameter},
		{"set_room_metadata", strings.Replace(set(entry("a", "")), "r1", "none", 1), liveapi.CodeRoomNotFound},
		{"del_room_metadata", `{"RoomId":"r1","Keys":["x"]}`, liveapi.CodeKeysNotFound},
		{"del_room_metadata", `{"RoomId":"none","Keys":["a"]}`, liveapi.CodeRoomNotFound},
		{"del_room_metadata", `{"RoomId":"r1","Keys":[]}`, liveapi.CodeInvalidParameter},
		{"get_room_metadata", `{"RoomId":"none","Keys":[]}`, liveapi.CodeRoomNotFound},
		{"get_room_stats", `{"RoomId":"none"}`, liveapi.CodeRoomNotFound},
		{"get_room_statistic", `{"RoomId":"none"}`, liveapi.CodeRoomNotFound},
		{"set_mix_stream", `{"RoomId":"none","LayoutMode":0}`, liveapi.CodeRoomNotFound},
		{"set_mix_stream", `{"RoomId":"r1","LayoutMode":0}`, liveapi.CodeNoPermission},
		{"set_mix_stream", `{"RoomId":"bare","LayoutMode":0}`, liveapi.CodeNoPermission},
		{"set_mix_stream", `{"RoomId":"r1","LayoutMode":7}`, liveapi.CodeInvalidParameter},
		{"set_mix_stream", `{"RoomId":"r1","LayoutMode":1000}`, liveapi.CodeInvalidParameter},
		{"set_mix_stream", `{"RoomId":"r1","LayoutMode":1000,"LayoutInfo":{}}`, liveapi.CodeInvalidParameter},
		{"resume_mcu_task", `{"RoomId":"none"}`, liveapi.CodeRoomNotFound},
		{"resume_mcu_task", `{"RoomId":"r1"}`, liveapi.CodeNoPermission},
		{"resume_mcu_task", `{"RoomId":"bare"}`, liveapi.CodeNoPermission},
		{"get_gift", `{"GiftId":"none"}`, liveapi.CodeGiftNotFound},
		{"get_gift_category", `{"CategoryId":"none"}`, liveapi.CodeInvalidParameter},
		{"get_gift_category_relations", `{"CategoryId":"none"}`, liveapi.CodeInvalidParameter},
		{"get_gift_language", `{"GiftId":"none","Language":"en"}`, liveapi.CodeGiftNotFound},
		{"get_gift_category_language", `{"CategoryId":"none","Language":"en"}`, liveapi.CodeInvalidParameter},
		{"send_gift", strings.Replace(sent, "r1", "none", 1), liveapi.CodeRoomNotFound},
		{"send_gift", strings.Replace(sent, "g1", "none", 1), liveapi.CodeGiftNotFound},
		{"send_gift", strings.Replace(sent, `["b"]`, `[]`, 1), liveapi.CodeInvalidParameter},
		{"get_gift_count", `{"RoomId":"none","From_Account":"a"}`, liveapi.CodeRoomNotFound},
	} {
		if got := w.call(c.command, c.body); got.ErrorCode != c.want {
			t.Errorf("%s %s: got %d %q, want %d", c.command, c.body, got.ErrorCode, got.ErrorInfo, c.want)
		}
	}
}
