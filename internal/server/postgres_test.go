package server

import (
	"net/url"
	"strings"
	"testing"

	"github.com/callboard/callboard/internal/pgtest"
)

// To change the database is all that a user does.
func TestServerOnPostgreSQLDeliversAndGoesOnAfterARestart(t *testing.T) {
	backend := startBackend(t)
	cfg := testConfig(t, backend.url)
	cfg.Database = pgtest.Database(t)
	t.Run("first life", func(t *testing.T) {
		s := startServer(t, cfg)
		s.mustPost(t, "/v4/live_engine_http_srv/create_room", `{"RoomInfo":{"RoomId":"r1","RoomType":"Live","Owner_Account":"anchor"}}`)
		s.mustPost(t, "/v4/live_engine_http_srv/modify_admin", `{"RoomId":"r1","Admin_Account":["alice"],"OpType":"add"}`)
		for _, want := range []string{"Live.CallbackAfterCreateRoom", "Live.CallbackAfterModifyAdmin"} {
			if got := backend.next(t); !strings.Contains(got.body, want) {
				t.Errorf("got %s, want %s", got.body, want)
			}
		}
		if err := s.ready(); err != nil {
			t.Errorf("ready: %v", err)
		}
	})
	s := startServer(t, cfg)
	if got := s.mustPost(t, "/v4/live_engine_http_srv/get_admin_list", `{"RoomId":"r1"}`); !strings.Contains(got.text, "alice") {
		t.Errorf("after a restart the administrators are %s, want alice", got.text)
	}
	s.mustPost(t, "/v4/live_engine_http_srv/modify_admin", `{"RoomId":"r1","Admin_Account":["alice"],"OpType":"delete"}`)
	if got := backend.next(t); got.header.Get("Callboard-Seq") != "3" || !strings.Contains(got.body, `"delete"`) {
		t.Errorf("callback %s: %s, want number 3, a deletion", got.header.Get("Callboard-Seq"), got.body)
	}
}

func TestStartOnPostgreSQLWithAWrongPasswordOrNameSaysWhatToDo(t *testing.T) {
	right := pgtest.Database(t)
	for name, c := range map[string]struct{ database, want string }{
		"password": {withPassword(t, right, "hunter2"), "the password of the role"},
		"name":     {withName(t, right, "absent"), "createdb --host"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := testConfig(t, "http://127.0.0.1:9/callback")
			cfg.Database = c.database
			s, err := New(t.Context(), Options{Config: cfg})
			if err == nil {
				s.stop()
				t.Fatal("it started")
			}
			if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("error %v, want %q in it and no password", err, c.want)
			}
		})
	}
}

func withPassword(t *testing.T, database, password string) string {
	t.Helper()
	u := parsed(t, database)
	u.User = url.UserPassword(u.User.Username(), password)
	return u.String()
}

func withName(t *testing.T, database, name string) string {
	t.Helper()
	u := parsed(t, database)
	u.Path = "/" + name
	return u.String()
}

func parsed(t *testing.T, database string) *url.URL {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
