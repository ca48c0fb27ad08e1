package delivery

import (
	"strings"
	"testing"

	"github.com/callboard/callboard/internal/delivery/policy"
)

// What is remembered of one answer must not change the verdict of another.
func TestEveryAnswerIsJudgedAsIfItWereTheFirst(t *testing.T) {
	answers := []policy.Answer{
		{Status: 200, Body: []byte(`{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`)},
		{Status: 200, Body: []byte(`{"ActionStatus":"FAIL","ErrorInfo":"","ErrorCode":1}`)},
		{Status: 201, Body: []byte(`{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`)},
		{Status: 500, Body: []byte(`{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`)},
		{Status: 200, Body: []byte(`{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`), TooLarge: true},
		{Status: 200, Body: []byte(`{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`), Failure: "cut off"},
		{Status: 200, Body: []byte(`{"ErrorCode":0,"More":"` + strings.Repeat("a", 300) + `"}`)},
		{Status: 200, Body: []byte("ok")},
		{Status: 200},
	}
	var k known
	for _, first := range answers {
		for _, second := range answers {
			for _, strict := range []bool{false, true, false} {
				k.classify(first, strict)
				if got, want := k.classify(second, strict), policy.Classify(second, strict); got != want {
					t.Errorf("after %d %q: %d %q, strict %v: got %+v, want %+v", first.Status, first.Body, second.Status, second.Body, strict, got, want)
				}
			}
		}
	}
}

func TestTheSameAnswerIsNotTakenApartAgain(t *testing.T) {
	var k known
	a := policy.Answer{Status: 200, Body: []byte(`{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`)}
	k.classify(a, false)
	if n := testing.AllocsPerRun(100, func() { k.classify(a, false) }); n != 0 {
		t.Errorf("it took %v allocations, want none", n)
	}
}
