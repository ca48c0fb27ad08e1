package callback_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "github.com/ncruces/go-sqlite3/driver"
	_ "github.com/ncruces/go-sqlite3/vfs/memdb"

	"github.com/callboard/callboard/callback"
)

// newReceiver returns an App backend that knows who administers which room. Its database has the tables of callback.Schema
// and CREATE TABLE administrator (room TEXT, account TEXT, PRIMARY KEY (room, account)).
func newReceiver(inbox *callback.Inbox) http.Handler {
	inbox.OnCallback = func(ctx context.Context, tx *sql.Tx, d callback.Delivery) error {
		switch d.Command {
		case callback.CommandAfterModifyAdmin:
			packet, err := callback.Decode[callback.ModifyAdmin](d)
			return errors.Join(err, write(ctx, tx, packet.OpType, packet.RoomID, packet.AdminAccounts))
		case callback.CommandAfterDestroyRoom:
			packet, err := callback.Decode[callback.DestroyRoom](d)
			_, failed := tx.ExecContext(ctx, `DELETE FROM administrator WHERE room = $1`, packet.RoomID)
			return errors.Join(err, failed)
		}
		return nil
	}
	inbox.OnSnapshot = func(ctx context.Context, tx *sql.Tx, rooms iter.Seq2[callback.Room, error]) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM administrator`)
		for room, failed := range rooms {
			err = errors.Join(err, failed, write(ctx, tx, callback.OpAdd, room.RoomID, room.Administrators))
			if err != nil {
				break
			}
		}
		return err
	}
	return &callback.Handler{SDKAppID: inbox.SDKAppID, Token: os.Getenv("CALLBACK_TOKEN"), OnAny: inbox.Receive}
}

// write adds or deletes administrators; both can be done twice.
func write(ctx context.Context, tx *sql.Tx, op, room string, accounts callback.Accounts) error {
	statement := `INSERT INTO administrator (room, account) VALUES ($1, $2) ON CONFLICT DO NOTHING`
	if op == callback.OpDelete {
		statement = `DELETE FROM administrator WHERE room = $1 AND account = $2`
	}
	for _, account := range accounts {
		if _, err := tx.ExecContext(ctx, statement, room, string(account)); err != nil {
			return err
		}
	}
	return nil
}

// With SQLite: the first contact reads the snapshot, a repeat changes nothing, and what is missing comes over the feed.
func ExampleInbox() {
	ctx := context.Background()
	db, err := sql.Open("sqlite3", "file:/example?vfs=memdb")
	if err != nil {
		panic(err)
	}
	defer db.Close()
	const own = `CREATE TABLE administrator (room TEXT, account TEXT, PRIMARY KEY (room, account));`
	if _, err := db.ExecContext(ctx, callback.Schema+own); err != nil { // a migration does this
		panic(err)
	}
	receiver := newReceiver(&callback.Inbox{
		SDKAppID: 1400000001, DB: db, Dialect: callback.SQLite,
		// A program leaves Client out; here the server is a table of answers.
		Feed: callback.Feed{URL: "https://live.example:8080", Token: "token", Client: server},
	})
	for _, arrival := range []string{"2 add bob", "2 add bob", "4 add dan"} { // 3 is lost on the way
		fmt.Println(arrival, "→", post(receiver, arrival), administrators(ctx, db))
	}
	// Output:
	// 2 add bob → OK [ada bob]
	// 2 add bob → OK [ada bob]
	// 4 add dan → OK [ada bob cem dan]
}

// With PostgreSQL only the database and the dialect are others. Any number of replicas may use one database.
func ExampleInbox_postgreSQL() {
	db, err := sql.Open("pgx", "postgres://backend@db.example/backend") // or another driver
	if err != nil {
		panic(err)
	}
	inbox := &callback.Inbox{
		SDKAppID: 1400000001, DB: db, Dialect: callback.PostgreSQL,
		Feed: callback.Feed{URL: "https://live.example:8080", Token: os.Getenv("FEED_TOKEN")},
	}
	http.Handle("POST /callback", newReceiver(inbox))
	go func() { _ = inbox.Follow(context.Background()) }() // optional: hears of a lost last callback within seconds
}

// The proof on demand: nothing is missing up to the head of the log.
func ExampleInbox_Check() {
	ctx := context.Background()
	db, err := sql.Open("sqlite3", "file:/check?vfs=memdb")
	if err != nil {
		panic(err)
	}
	defer db.Close()
	const own = `CREATE TABLE administrator (room TEXT, account TEXT, PRIMARY KEY (room, account));`
	if _, err := db.ExecContext(ctx, callback.Schema+own); err != nil {
		panic(err)
	}
	inbox := &callback.Inbox{SDKAppID: 1400000001, DB: db, Dialect: callback.SQLite,
		Feed: callback.Feed{URL: "https://live.example:8080", Token: "token", Client: server}}
	newReceiver(inbox)
	report, err := inbox.Check(ctx)
	if err != nil {
		panic(err)
	}
	fmt.Println(report.Complete(), report.Seq, report.Lanes, administrators(ctx, db))
	// Output: true 4 1 [ada bob cem dan]
}

func ExampleDecode() {
	d := callback.Delivery{Command: callback.CommandAfterModifyAdmin, Body: []byte(`{"RoomId":"r1","Admin_Account":["bob"],"opType":"add"}`)}
	packet, err := callback.Decode[callback.ModifyAdmin](d)
	fmt.Println(packet.RoomID, packet.OpType, packet.AdminAccounts, err)
	// Output: r1 add [bob] <nil>
}

func ExampleRoomState() {
	fmt.Println(callback.RoomState("owner", callback.Accounts{"user2", "user1"}))
	// Output: 7b66498305c913a9
}

// arrivals are the callbacks of the examples, by what they do: a room whose owner is eve.
func arrival(text string) (seq, body string) {
	seq, change, _ := strings.Cut(text, " ")
	op, account, _ := strings.Cut(change, " ")
	return seq, `{"CallbackCommand":"Live.CallbackAfterModifyAdmin","RoomId":"r1","EventTime":1703589922780,` +
		`"Operator_Account":"eve","Admin_Account":["` + account + `"],"opType":"` + op + `"}`
}

func post(receiver http.Handler, text string) string {
	seq, body := arrival(text)
	request := httptest.NewRequest(http.MethodPost,
		"/?SdkAppid=1400000001&CallbackCommand=Live.CallbackAfterModifyAdmin&contenttype=json", strings.NewReader(body))
	request.Header = http.Header{callback.HeaderLog: {"abcdefgh"}, callback.HeaderLane: {"r1"}, callback.HeaderSeq: {seq},
		callback.HeaderRoomSeq: {seq}, callback.HeaderRoomPrev: {string(seq[0] - 1)}}
	answer := httptest.NewRecorder()
	receiver.ServeHTTP(answer, request)
	if strings.Contains(answer.Body.String(), `"OK"`) {
		return "OK"
	}
	return answer.Body.String()
}

func administrators(ctx context.Context, db *sql.DB) []string {
	rows, err := db.QueryContext(ctx, `SELECT account FROM administrator ORDER BY account`)
	if err != nil {
		panic(err)
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var account string
		if err := rows.Scan(&account); err != nil {
			panic(err)
		}
		list = append(list, account)
	}
	if err := rows.Err(); err != nil {
		panic(err)
	}
	return list
}

// server is Callboard after the third callback of the examples, whose snapshot was made after the first.
var server = &http.Client{Transport: transport(func(r *http.Request) string {
	switch r.URL.Path {
	case "/callboard/v1/snapshot":
		return `{"Log":"abcdefgh","Position":"abcdefgh.1","Next":"","Rooms":[{"RoomId":"r1","Owner":"eve",` +
			`"Administrators":["ada"],"RoomSeq":1,"RoomPrev":1,"RoomState":""}]}`
	case "/callboard/v1/head":
		return `{"Log":"abcdefgh","Seq":4,"Settled":4}`
	case "/callboard/v1/verify":
		return `{"Log":"abcdefgh","Position":"abcdefgh.4","Differ":[]}`
	}
	return events(r.URL.Query().Get("after"), r.URL.Query().Get("lane") != "")
})}

// events is the feed of the examples. The first contact finds it at 1, so that the lost callback shows.
func events(after string, lane bool) string {
	if !lane && after == "abcdefgh.1" && !followed {
		followed = true
		return `{"Log":"abcdefgh","Events":[],"Next":"abcdefgh.1","Head":"abcdefgh.1"}`
	}
	var list []string
	for _, text := range []string{"2 add bob", "3 add cem", "4 add dan"} {
		seq, body := arrival(text)
		if "abcdefgh."+seq <= after {
			continue
		}
		list = append(list, `{"Id":"1400000001-abcdefgh-`+seq+`","Seq":`+seq+`,"Lane":"r1","RoomSeq":`+seq+`,"RoomPrev":`+
			string(seq[0]-1)+`,"Command":"Live.CallbackAfterModifyAdmin","Callback":true,"Body":`+body+`}`)
	}
	return `{"Log":"abcdefgh","Events":[` + strings.Join(list, ",") + `],"Next":"abcdefgh.4","Head":"abcdefgh.4"}`
}

var followed bool

type transport func(*http.Request) string

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := httptest.NewRecorder()
	_, _ = answer.WriteString(t(r))
	return answer.Result(), nil
}
