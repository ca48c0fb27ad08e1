package feed_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/wire"
)

// snapshotPage is the answer of snapshot.
type snapshotPage struct {
	Log      string
	Position string
	Rooms    []mirrored
	Next     string
}

// mirrored is a room as a receiver has it.
type mirrored struct {
	RoomID         string `json:"RoomId"`
	Owner          string
	Administrators []string
	RoomSeq        int64
	RoomPrev       int64
	RoomState      string
}

func (w *world) snapshotPage(call string) snapshotPage {
	w.Helper()
	status, body := w.get(call)
	var p snapshotPage
	if err := json.Unmarshal([]byte(body), &p); err != nil || status != http.StatusOK {
		w.Fatalf("%s: answer %d %s: %v", call, status, body, err)
	}
	return p
}

func TestASnapshotHasAllRoomsInTheOrderOfTheirBytes(t *testing.T) {
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, open(t))
			if _, body := w.get("snapshot"); body != `{"Log":"abcdefgh","Position":"abcdefgh.0","Rooms":[],"Next":""}`+"\n" {
				t.Errorf("a snapshot of nothing: %s", body)
			}
			w.do(live.CreateRoom{Room: "b", Type: live.RoomType, Owner: "<o>"})
			w.create("Z")
			w.create("gone")
			w.modify("b", 1)
			w.do(live.DestroyRoom{Room: "gone"})
			state := wire.RoomState(&live.Roles{Owner: "<o>", Administrators: []live.Account{"alice"}})
			const none = `{"RoomId":"Z","Owner":"administrator","Administrators":[],"RoomSeq":1,"RoomPrev":1,"RoomState":"`
			_, body := w.get("snapshot?limit=2")
			want := `{"Log":"abcdefgh","Position":"abcdefgh.5","Rooms":[` + none + wire.RoomState(&live.Roles{Owner: "administrator"}) +
				`"},{"RoomId":"b","Owner":"<o>","Administrators":["alice"],"RoomSeq":2,"RoomPrev":2,"RoomState":"` + state + `"}],"Next":""}` + "\n"
			if diff := gocmp.Diff(want, body); diff != "" {
				t.Errorf("snapshot (-want +got):\n%s", diff)
			}
			for i := range 150 {
				w.create(live.RoomID(fmt.Sprintf("r%03d", i)))
			}
			var got []string
			for next, pages := "", 0; pages == 0 || next != ""; pages++ {
				p := w.snapshotPage("snapshot?limit=70&after=" + next)
				for _, r := range p.Rooms {
					got = append(got, r.RoomID)
				}
				if next = p.Next; (next == "") != (pages == 2) || len(p.Rooms) > 70 {
					t.Fatalf("page %d has %d rooms, Next %q, want three pages of at most 70", pages, len(p.Rooms), next)
				}
			}
			if len(got) != 152 || !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != 152 {
				t.Errorf("rooms %v, want all 152 in order", got)
			}
		})
	}
}

// mirror is what a receiver makes of a snapshot and of the feed after it, by the numbers alone.
type mirror map[string]mirrored

func (m mirror) take(p *snapshotPage) {
	for _, r := range p.Rooms {
		m[r.RoomID] = r
	}
}

// apply takes one event of the feed, unless the snapshot has it already.
func (m mirror) apply(e *told) error {
	id, _ := e.Lane.Room()
	room, known := m[id]
	if known && e.RoomSeq <= room.RoomSeq {
		return nil
	}
	if known && (e.RoomSeq != room.RoomSeq+1 || e.RoomPrev != room.RoomPrev) {
		return fmt.Errorf("event %d of the room %s has the numbers %d after %d, the room is at %d after %d", e.Seq, id, e.RoomSeq, e.RoomPrev, room.RoomSeq, room.RoomPrev)
	}
	room = mirrored{RoomID: id, Owner: room.Owner, Administrators: room.Administrators, RoomSeq: e.RoomSeq, RoomPrev: room.RoomPrev, RoomState: e.RoomState}
	if e.Callback {
		room.RoomPrev = e.RoomSeq
	}
	switch callback.Command(e.Command) {
	case callback.CommandAfterCreateRoom:
		var body callback.CreateRoom
		if err := json.Unmarshal(e.Body, &body); err != nil {
			return err
		}
		room.Owner, room.Administrators = string(body.RoomInfo.OwnerAccount), []string{}
	case callback.CommandAfterDestroyRoom:
		delete(m, id)
		return nil
	case callback.CommandAfterModifyAdmin:
		var body callback.ModifyAdmin
		if err := json.Unmarshal(e.Body, &body); err != nil {
			return err
		}
		room.Administrators = slices.Clone(room.Administrators)
		for _, a := range body.AdminAccounts {
			room.Administrators = slices.DeleteFunc(room.Administrators, func(s string) bool { return s == string(a) })
			if body.OpType == callback.OpAdd {
				room.Administrators = append(room.Administrators, string(a))
			}
		}
	case callback.CommandAfterChangeOwner:
		var body callback.ChangeOwner
		if err := json.Unmarshal(e.Body, &body); err != nil {
			return err
		}
		room.Owner = string(body.CurrentOwnerAccount)
	}
	m[id] = room
	return nil
}

func sorted(rooms map[string]mirrored) []mirrored {
	for id, r := range rooms {
		slices.Sort(r.Administrators)
		rooms[id] = r
	}
	return slices.SortedFunc(maps.Values(rooms), func(a, b mirrored) int { return cmp.Compare(a.RoomID, b.RoomID) })
}

// A snapshot that is read slowly while rooms change is exact with the feed after the position of its first page.
func TestASnapshotWithTheFeedAfterItEqualsTheRooms(t *testing.T) {
	const seeds, rounds = 40, 6
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, open(t))
			for seed := range uint64(seeds) {
				r := rand.New(rand.NewPCG(seed, 1))
				w.change(r, 20)
				got, position := mirror{}, ""
				for next, first := "", true; first || next != ""; first = false {
					p := w.snapshotPage("snapshot?limit=2&after=" + next)
					if first {
						position = p.Position
					}
					got.take(&p)
					next = p.Next
					w.change(r, rounds)
				}
				w.follow(got, position)
				want := mirror{}
				all := w.snapshotPage("snapshot?limit=1000")
				want.take(&all)
				if diff := gocmp.Diff(sorted(want), sorted(got)); diff != "" {
					t.Fatalf("seed %d (-want +got):\n%s", seed, diff)
				}
			}
		})
	}
}

// follow applies the feed after a position to its end.
func (w *world) follow(m mirror, position string) {
	w.Helper()
	for {
		p := w.page("events?limit=7&after=" + position)
		for i := range p.Events {
			w.must(m.apply(&p.Events[i]))
		}
		if position = p.Next; len(p.Events) == 0 {
			return
		}
	}
}

// change does some of what can be done with a few rooms; refusals change nothing.
func (w *world) change(r *rand.Rand, n int) {
	w.Helper()
	for range n {
		id := live.RoomID(fmt.Sprintf("r%d", r.IntN(9)))
		account := live.Account(fmt.Sprintf("user%d", r.IntN(7)))
		cmd := []live.Command{
			live.CreateRoom{Room: id, Type: live.RoomType, Owner: account},
			live.DestroyRoom{Room: id},
			live.ChangeOwner{Room: id, NewOwner: account},
			live.ModifyAdmin{Room: id, Accounts: []live.Account{account}, Op: live.AddAdministrators},
			live.ModifyAdmin{Room: id, Accounts: []live.Account{account}, Op: live.AddAdministrators},
			live.ModifyAdmin{Room: id, Accounts: []live.Account{account}, Op: live.DeleteAdministrators},
		}[r.IntN(6)]
		_, _ = w.engine.Do(w.Context(), testApp, actor, cmd) // some are refused, which is their outcome
	}
}
