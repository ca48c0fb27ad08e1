package feed

import (
	"context"
	"net/http"

	"github.com/callboard/callboard/internal/call"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/wire"
)

const (
	maxVerifyBody = 256 // KiB
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
	call.Write(r.w, http.StatusOK, struct {
		Log, Position string
		Differ        []laneSeq
	}{b.Log, Position{b.Log, b.Head}.String(), differ})
	return nil
}

func readClaims(r *request) (c claims, lanes []eventlog.Lane, err error) {
	body, err := call.ReadBody(r.w, r.Request, maxVerifyBody)
	if err != nil {
		return c, nil, err
	}
	return parseClaims(body)
}

// parseClaims also returns the lanes as the store knows them.
func parseClaims(body []byte) (c claims, lanes []eventlog.Lane, err error) {
	if err := call.Decode(body, &c, `{"Log":"abcdefgh","Lanes":[{"Lane":"r1","RoomSeq":12}]}`); err != nil {
		return c, nil, err
	}
	if !isLog(c.Log) {
		return c, nil, call.BadRequest("Log must be the id of the log that the numbers are of, as the header Callboard-Log has it")
	}
	if len(c.Lanes) > maxLanes {
		return c, nil, call.BadRequest("Lanes has %d entries; at most %d are allowed in one call", len(c.Lanes), maxLanes)
	}
	for i, claim := range c.Lanes {
		lane, err := wire.ParseLane(claim.Lane)
		if err != nil {
			return c, nil, call.BadRequest("Lanes[%d].Lane: %v", i, err)
		}
		if claim.RoomSeq < 0 {
			return c, nil, call.BadRequest("Lanes[%d].RoomSeq must be a number from 0", i)
		}
		lanes = append(lanes, lane)
	}
	return c, lanes, nil
}
