package engine

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/live"
)

// waiting puts commands into a queue: a letter names the App, a capital stands for a command that changes settings.
func waiting(t *testing.T, q *queue, letters string) {
	t.Helper()
	for i, c := range letters {
		r := &request{app: live.AppID(c), cmd: live.DestroyRoom{Room: live.RoomID(fmt.Sprint(i))}}
		if c >= 'A' && c <= 'Z' {
			r.app, r.cmd = live.AppID(c-'A'+'a'), live.DeleteCallback{}
		}
		if !q.put(r) {
			t.Fatalf("command %d does not fit", i)
		}
	}
}

// groups takes everything, one group after the other.
func groups(q *queue) []string {
	var list []string
	for {
		group := q.take()
		if len(group) == 0 {
			return list
		}
		list = append(list, spell(group))
		q.done(group)
	}
}

// spell writes a group as it is written for waiting.
func spell(group []*request) string {
	var text []rune
	for _, r := range group {
		c := rune(r.app)
		if _, ok := r.cmd.(live.AppCommand); ok {
			c += 'A' - 'a'
		}
		text = append(text, c)
	}
	return string(text)
}

func TestGroupsAreFairToApps(t *testing.T) {
	for _, c := range []struct {
		name          string
		waiting       string
		limit, perApp int
		want          []string
	}{
		{"one App alone fills the group", "aaaaaaa", 5, 2, []string{"aaaaa", "aa"}},
		{"of each App its share while others wait", "aaaaaabb", 10, 2, []string{"aabb", "aaaa"}},
		{"a hot App does not stand before others", "aaaaaaaab", 4, 3, []string{"aaab", "aaaa", "a"}},
		{"who did not fit comes first next time", "aabbccdd", 4, 2, []string{"aabb", "ccdd"}},
		{"who was served waits for the others", "aaabc", 2, 1, []string{"ab", "ca", "a"}},
		{"a share is cut by the limit and goes on", "aaabbb", 5, 3, []string{"aaabb", "b"}},
		{"settings commands are alone of their App", "aAa", 10, 5, []string{"a", "A", "a"}},
		{"settings first", "Aa", 10, 5, []string{"A", "a"}},
		{"settings twice", "AA", 10, 5, []string{"A", "A"}},
		{"settings do not stop other Apps", "aAabb", 10, 5, []string{"abb", "A", "a"}},
		{"settings of two Apps go together", "ABab", 10, 5, []string{"AB", "ab"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := newQueue(Options{QueueLimit: 100, GroupLimit: c.limit, AppLimit: c.perApp})
			waiting(t, q, c.waiting)
			if diff := cmp.Diff(c.want, groups(q)); diff != "" {
				t.Errorf("groups (-want +got):\n%s", diff)
			}
			if q.waiting != 0 || len(q.lines) != 0 {
				t.Errorf("an empty queue has %d commands and %d Apps", q.waiting, len(q.lines))
			}
		})
	}
}

func TestGroupsOfSeveralCommittersAreOfOneApp(t *testing.T) {
	for _, c := range []struct {
		name    string
		waiting string
		limit   int
		want    []string
	}{
		{"each App has a group of its own", "ababa", 10, []string{"aaa", "bb"}},
		{"a hot App fills its group, others or not", "aaaaab", 4, []string{"aaaa", "b", "a"}},
		{"who was served waits for the others", "aaaaabc", 2, []string{"aa", "b", "c", "aa", "a"}},
		{"settings commands are alone", "aAab", 10, []string{"a", "b", "A", "a"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := newQueue(Options{QueueLimit: 100, GroupLimit: c.limit, AppLimit: 1, Committers: 2})
			waiting(t, q, c.waiting)
			if diff := cmp.Diff(c.want, groups(q)); diff != "" {
				t.Errorf("groups (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAppWithAGroupUnderWayIsNotTaken(t *testing.T) {
	q := newQueue(Options{QueueLimit: 100, GroupLimit: 10, Committers: 2})
	var got []string
	take := func() []*request {
		group := q.take()
		got = append(got, spell(group))
		return group
	}
	waiting(t, q, "ab")
	a := take()
	waiting(t, q, "aaAa")
	b := take()
	take()
	waiting(t, q, "b")
	q.done(a)
	q.done(b)
	for range 4 {
		q.done(take())
	}
	if diff := cmp.Diff([]string{"a", "b", "", "aa", "b", "A", "a"}, got); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
}

func TestCommandsOfAnAppKeepTheirOrder(t *testing.T) {
	q := newQueue(Options{QueueLimit: 100, GroupLimit: 3, AppLimit: 2})
	waiting(t, q, "abababab")
	var got []string
	for {
		group := q.take()
		if len(group) == 0 {
			break
		}
		for _, r := range group {
			if r.app == 'a' {
				got = append(got, string(r.cmd.(live.DestroyRoom).Room))
			}
		}
		q.done(group)
	}
	if diff := cmp.Diff([]string{"0", "2", "4", "6"}, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

func TestQueueIsBoundedInAll(t *testing.T) {
	q := newQueue(Options{QueueLimit: 3, GroupLimit: 1, AppLimit: 1})
	waiting(t, q, "aab")
	if q.put(&request{app: 'c', cmd: live.DestroyRoom{}}) {
		t.Error("a fourth command found room among three")
	}
	q.take()
	waiting(t, q, "c")
	if q.put(&request{app: 'c', cmd: live.DestroyRoom{}}) {
		t.Error("more found room than was taken")
	}
	if !q.put(&request{app: 'c', cmd: reread{}}) {
		t.Error("a reread found no room: settings could stay wrong as long as there is much to do")
	}
}

func TestClosedQueueKeepsWhatWaits(t *testing.T) {
	q := newQueue(Options{QueueLimit: 3, GroupLimit: 9, AppLimit: 9})
	waiting(t, q, "aa")
	q.close()
	for _, cmd := range []live.Command{live.DestroyRoom{}, reread{}} {
		if q.put(&request{app: 'a', cmd: cmd}) {
			t.Errorf("a closed queue took %s", cmd.Name())
		}
	}
	if !q.wait() {
		t.Error("the queue ended before what waits was taken")
	}
	if diff := cmp.Diff([]string{"aa"}, groups(q)); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
	if q.wait() {
		t.Error("the queue did not end")
	}
}
