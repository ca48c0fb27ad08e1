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

// groups takes everything and spells each group like waiting.
func groups(q *queue, limit, perApp int) []string {
	var list []string
	for {
		group := q.take(limit, perApp)
		if len(group) == 0 {
			return list
		}
		var text []rune
		for _, r := range group {
			c := rune(r.app)
			if _, ok := r.cmd.(live.AppCommand); ok {
				c += 'A' - 'a'
			}
			text = append(text, c)
		}
		list = append(list, string(text))
	}
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
			q := newQueue(100)
			waiting(t, q, c.waiting)
			if diff := cmp.Diff(c.want, groups(q, c.limit, c.perApp)); diff != "" {
				t.Errorf("groups (-want +got):\n%s", diff)
			}
			if n, _ := q.state(); n != 0 {
				t.Errorf("%d commands wait in an empty queue", n)
			}
		})
	}
}

func TestCommandsOfAnAppKeepTheirOrder(t *testing.T) {
	q := newQueue(100)
	waiting(t, q, "abababab")
	var got []string
	for {
		group := q.take(3, 2)
		if len(group) == 0 {
			break
		}
		for _, r := range group {
			if r.app == 'a' {
				got = append(got, string(r.cmd.(live.DestroyRoom).Room))
			}
		}
	}
	if diff := cmp.Diff([]string{"0", "2", "4", "6"}, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

func TestQueueIsBoundedInAll(t *testing.T) {
	q := newQueue(3)
	waiting(t, q, "aab")
	if q.put(&request{app: 'c', cmd: live.DestroyRoom{}}) {
		t.Error("a fourth command found room among three")
	}
	q.take(1, 1)
	waiting(t, q, "c")
	if q.put(&request{app: 'c', cmd: live.DestroyRoom{}}) {
		t.Error("more found room than was taken")
	}
}

func TestClosedQueueKeepsWhatWaits(t *testing.T) {
	q := newQueue(3)
	waiting(t, q, "aa")
	q.close()
	if q.put(&request{app: 'a', cmd: live.DestroyRoom{}}) {
		t.Error("a closed queue took a command")
	}
	if diff := cmp.Diff([]string{"aa"}, groups(q, 9, 9)); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
}
