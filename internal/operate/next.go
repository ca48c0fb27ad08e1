package operate

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
)

// next is the text by which a page is gone on from: the range, in which times are numbers already, and the mark. It is opaque
// to callers, who must not come to rely on its form.
func (s *Search) next(m Mark) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "1.%d.%d.%d.%d", s.From, s.To, m.Seq, m.Number))
}

// maxNext is above every text that next makes.
const maxNext = 128

// resume sets the search where the page ended that gave out the text.
func (s *Search) resume(text string) error {
	wrong := badRequest("next is none that was given out; leave it out to begin anew")
	if len(text) > maxNext {
		return wrong
	}
	plain, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return wrong
	}
	parts := strings.Split(string(plain), ".")
	if len(parts) != 5 || parts[0] != "1" {
		return wrong
	}
	var n [4]int64
	for i := range n {
		if n[i], err = strconv.ParseInt(parts[i+1], 10, 64); err != nil {
			return wrong
		}
	}
	from, to, seq, number := n[0], n[1], n[2], n[3]
	if from < 1 || to > maxSeq || seq < from-1 || seq > to+1 || number < 0 || number > maxNumber {
		return wrong
	}
	s.From, s.To, s.After = from, to, Mark{seq, int(number)}
	return nil
}
