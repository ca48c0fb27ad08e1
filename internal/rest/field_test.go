package rest

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/liveapi"
)

// samples is a good body of each call with every field that it takes, in an order in which all succeed.
var samples = []struct{ command, body string }{
	{"create_room", `{"RoomInfo":{"RoomId":"r1","RoomType":"Live","Owner_Account":"host","SeatTemplate":"AudioSalon",
		"SeatLayoutTemplateId":50,"IsSeatEnabled":true,"MaxSeatCount":50,"RoomName":"<name>","MaxMemberCount":1000000,
		"IsMessageDisabled":true,"CoverURL":"https://c","Category":[1,2,3],"ActivityStatus":-9,"IsPublicVisible":true,
		"TakeSeatMode":"ApplyToTake","Notice":"n","IsUnlimitedRoomEnabled":true,"KeepOwnerOnSeat":true,
		"BackgroundURL":"https://b","CustomInfo":"i"}}`},
	{"update_room_info", `{"RoomInfo":{"RoomId":"r1","RoomName":"new","MaxMemberCount":7,"IsMessageDisabled":false,
		"CoverURL":"https://c2","Category":[4],"ActivityStatus":2,"IsPublicVisible":true,"TakeSeatMode":"FreeToTake",
		"Notice":"n2","IsUnlimitedRoomEnabled":true,"KeepOwnerOnSeat":false,"BackgroundURL":"https://b2","CustomInfo":"i2"}}`},
	{"get_room_info", `{"RoomId":"r1"}`},
	{"get_room_list", `{"Next":"","Count":20,"SortDirection":"ascend"}`},
	{"modify_admin", `{"RoomId":"r1","Admin_Account":["user1","user2"],"OpType":"add"}`},
	{"get_admin_list", `{"RoomId":"r1"}`},
	{"change_room_owner", `{"RoomId":"r1","NewOwner_Account":"user2"}`},
	{"destroy_room", `{"RoomId":"r1"}`},
	{"set_callback", `{"Url":"https://a.example/cb","CallbackCommandList":["Live.CallbackAfterModifyAdmin"]}`},
	{"update_callback", `{"Url":"https://a.example/cb2","CallbackCommandList":["Live.CallbackAfterCreateRoom"]}`},
	{"get_callback", `{}`},
	{"set_callback_token", `{"Token":"secret","IsTokenEnable":true}`},
	{"get_callback_token", `{}`},
	{"delete_callback", `{}`},
	{"account_import", `{"UserID":"host","Nick":"<Host>","FaceUrl":"https://f"}`},
	{"portrait_set", `{"From_Account":"host","ProfileItem":[{"Tag":"Tag_Profile_IM_Nick","Value":"Host"},{"Tag":"Tag_Profile_IM_Level","Value":-3}]}`},
	{"portrait_get", `{"To_Account":["host","nobody"],"TagList":["Tag_Profile_IM_Nick","Tag_Profile_IM_Level"]}`},
}

func TestEveryCallTakesItsSample(t *testing.T) {
	w := newWorld(t)
	var tried []string
	for _, s := range samples {
		w.ok(s.command, s.body)
		tried = append(tried, s.command)
	}
	var want []string
	for _, c := range calls() {
		want = append(want, c.command)
	}
	slices.Sort(tried)
	slices.Sort(want)
	if diff := cmp.Diff(want, tried); diff != "" {
		t.Errorf("calls with a sample (-want +got):\n%s", diff)
	}
}

// A field that is not in the sample would not be tried with bad values.
func TestEveryFieldIsInTheSampleOfItsCall(t *testing.T) {
	for _, s := range samples {
		t.Run(s.command, func(t *testing.T) {
			var body map[string]any
			if err := json.Unmarshal([]byte(s.body), &body); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(paths("", fieldsOf(t, s.command)), keys("", body)); diff != "" {
				t.Errorf("fields of the sample (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFieldsAreThoseOfTheRequestTypes(t *testing.T) {
	types := map[string]any{
		"create_room": liveapi.CreateRoomRequest{}, "destroy_room": liveapi.DestroyRoomRequest{},
		"update_room_info": liveapi.UpdateRoomInfoRequest{}, "get_room_info": liveapi.GetRoomInfoRequest{},
		"get_room_list": liveapi.GetRoomListRequest{}, "modify_admin": liveapi.ModifyAdminRequest{},
		"get_admin_list": liveapi.GetAdminListRequest{}, "change_room_owner": liveapi.ChangeRoomOwnerRequest{},
		"set_callback": liveapi.CallbackConfig{}, "update_callback": liveapi.CallbackConfig{},
		"get_callback": struct{}{}, "delete_callback": struct{}{},
		"account_import": liveapi.ImportAccountRequest{}, "portrait_set": liveapi.SetPortraitRequest{},
		"portrait_get":       liveapi.GetPortraitRequest{},
		"set_callback_token": liveapi.SetCallbackTokenRequest{}, "get_callback_token": struct{}{},
	}
	for _, c := range calls() {
		t.Run(c.command, func(t *testing.T) {
			request, ok := types[c.command]
			if !ok {
				t.Fatal("the call has no request type here")
			}
			if diff := cmp.Diff(tags("", reflect.TypeOf(request)), paths("", c.fields())); diff != "" {
				t.Errorf("fields (-request type +call):\n%s", diff)
			}
		})
	}
}

func TestCreateRoomFillsEveryAttribute(t *testing.T) {
	var c live.CreateRoom
	if err := decode([]byte(samples[0].body), createRoomFields(&c)); err != nil {
		t.Fatal(err)
	}
	attributes := reflect.ValueOf(c.Attributes)
	for i := range attributes.NumField() {
		if attributes.Field(i).IsNil() {
			t.Errorf("no field of create_room fills live.Attributes.%s", attributes.Type().Field(i).Name)
		}
	}
}

func TestUpdateRoomTakesOnlyWhatCanChange(t *testing.T) {
	var c live.UpdateRoom
	body := `{"RoomInfo":{"RoomId":"r1","SeatTemplate":"Karaoke","MaxSeatCount":9,"IsSeatEnabled":true,"Owner_Account":5,"RoomType":7}}`
	if err := decode([]byte(body), updateRoomFields(&c)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(live.UpdateRoom{Room: "r1"}, c); diff != "" {
		t.Errorf("command (-want +got):\n%s", diff)
	}
}

// fieldsOf returns the fields of a command.
func fieldsOf(t *testing.T, command string) []field {
	t.Helper()
	for _, c := range calls() {
		if c.command == command {
			return c.fields()
		}
	}
	t.Fatalf("no command %q", command)
	return nil
}

// paths lists fields and those of their objects, sorted.
func paths(prefix string, fields []field) []string {
	list := []string{}
	for _, f := range fields {
		list = append(list, prefix+f.name)
		list = append(list, paths(prefix+f.name+".", f.fields)...)
	}
	slices.Sort(list)
	return list
}

// keys lists the keys of an object and of the objects in it, sorted. Of a list of objects it is the first.
func keys(prefix string, object map[string]any) []string {
	list := []string{}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		list = append(list, prefix+name)
		value := object[name]
		if entries, ok := value.([]any); ok && len(entries) > 0 {
			value = entries[0]
		}
		if inner, ok := value.(map[string]any); ok {
			list = append(list, keys(prefix+name+".", inner)...)
		}
	}
	slices.Sort(list)
	return list
}

// tags lists the JSON names of a struct type and of the structs in it, alone and in lists, sorted.
func tags(prefix string, typ reflect.Type) []string {
	list := []string{}
	for i := range typ.NumField() {
		name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
		list = append(list, prefix+name)
		inner := typ.Field(i).Type
		if inner.Kind() == reflect.Slice || inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct {
			list = append(list, tags(fmt.Sprintf("%s%s.", prefix, name), inner)...)
		}
	}
	slices.Sort(list)
	return list
}
