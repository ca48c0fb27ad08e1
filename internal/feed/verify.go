package feed

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"unicode/utf8"

	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/wire"
)

const (
	maxVerifyBody = 256 << 10
	maxLanes      = 1000
)

// laneSeq is a lane and the RoomSeq of its last callback.
type laneSeq struct {
	Lane    string
	RoomSeq int64
}

// claims are what a receiver has.
type claims struct {
	Log   string
	Lanes []laneSeq
}

// verify answers with the lanes whose last callback event is another one than the receiver has.
func (h *Handler) verify(r *request) error {
	c, lanes, err := readClaims(r)
	if err != nil {
		return err
	}
	var b Bounds
	var last []int64
	err = h.desk.ask(r.Context(), func(log Log) (err error) {
		ctx := context.WithoutCancel(r.Context())
		if b, err = log.Bounds(ctx, r.app.ID); err == nil && b.Log != c.Log {
			return &gone{b}
		}
		if err == nil {
			last, err = log.LastCallbacks(ctx, r.app.ID, lanes)
		}
		return err
	})
	if err != nil {
		return err
	}
	differ := []laneSeq{}
	for i, claim := range c.Lanes {
		if claim.RoomSeq != last[i] {
			differ = append(differ, laneSeq{claim.Lane, last[i]})
		}
	}
	write(r.w, http.StatusOK, struct {
		Log, Position string
		Differ        []laneSeq
	}{b.Log, Position{b.Log, b.Head}.String(), differ})
	return nil
}

func readClaims(r *request) (c claims, lanes []eventlog.Lane, err error) {
	body, err := io.ReadAll(http.MaxBytesReader(r.w, r.Body, maxVerifyBody))
	if over := (*http.MaxBytesError)(nil); errors.As(err, &over) {
		return c, nil, &failure{http.StatusRequestEntityTooLarge, "the body has more than 256 KiB, the most that is taken"}
	}
	if err != nil {
		return c, nil, badRequest("the body was cut off")
	}
	return parseClaims(body)
}

// parseClaims also returns the lanes as the store knows them.
func parseClaims(body []byte) (c claims, lanes []eventlog.Lane, err error) {
	if !utf8.Valid(body) {
		return c, nil, badRequest("the body is not valid UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return c, nil, badRequest(`the body is not the JSON object that is taken here: {"Log":"abcdefgh","Lanes":[{"Lane":"r1","RoomSeq":12}]}`)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return c, nil, badRequest("something follows on the JSON object of the body")
	}
	if !isLog(c.Log) {
		return c, nil, badRequest("Log must be the id of the log that the numbers are of, as the header Callboard-Log has it")
	}
	if len(c.Lanes) > maxLanes {
		return c, nil, badRequest("Lanes has %d entries; at most %d are allowed in one call", len(c.Lanes), maxLanes)
	}
	for i, claim := range c.Lanes {
		lane, err := wire.ParseLane(claim.Lane)
		if err != nil {
			return c, nil, badRequest("Lanes[%d].Lane: %v", i, err)
		}
		if claim.RoomSeq < 0 {
			return c, nil, badRequest("Lanes[%d].RoomSeq must be a number from 0", i)
		}
		lanes = append(lanes, lane)
	}
	return c, lanes, nil
}
