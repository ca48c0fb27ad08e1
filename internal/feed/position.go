package feed

import (
	"errors"
	"strconv"
	"strings"
)

// Position is a place in a log, right after an event: its text is <log>.<seq>, for instance abcdefgh.12. Seq 0 is before the
// first event.
type Position struct {
	Log string
	Seq int64
}

func (p Position) String() string { return p.Log + "." + strconv.FormatInt(p.Seq, 10) }

// maxLog is above the length of every log's id.
const maxLog = 16

var errPosition = errors.New("it is no position; one is <log>.<seq>, as Next, Position and Head have it, for instance abcdefgh.12")

// ParsePosition is the inverse of String. Whether there is such a log and number is for those who know the log.
func ParsePosition(text string) (Position, error) {
	log, number, _ := strings.Cut(text, ".")
	seq, err := strconv.ParseInt(number, 10, 64)
	if err != nil || seq < 0 || !isLog(log) {
		return Position{}, errPosition
	}
	p := Position{log, seq}
	if p.String() != text { // one place has one text
		return Position{}, errPosition
	}
	return p, nil
}

func isLog(id string) bool {
	for _, c := range []byte(id) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return id != "" && len(id) <= maxLog
}
