package rest

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/usersig"
)

// standardAcceptedSigs is how many UserSigs are remembered unless the options say otherwise: some 150 bytes each.
const standardAcceptedSigs = 10_000

// acceptedSigs remembers UserSigs that were found valid until they expire, so that a caller who reuses one is not
// verified anew. Refused ones are not remembered: they would let anybody push out the valid ones.
type acceptedSigs struct {
	until *lru.Cache[sigKey, time.Time] // the first instant at which it is refused
}

// sigKey is a hash over the UserSig and all that it was verified against. With the App's key in it, a changed key
// forgets the UserSigs of the old one; being a hash, it bounds the memory and keeps no secret there.
type sigKey [sha256.Size]byte

func newAcceptedSigs(most int) *acceptedSigs {
	cache, err := lru.New[sigKey, time.Time](most)
	if err != nil {
		panic("rest: " + err.Error()) // the size is a constant above 0
	}
	return &acceptedSigs{until: cache}
}

func sigKeyOf(app *live.App, q query) sigKey {
	sum := sha256.New()
	var number [8]byte
	part := func(text string) { // with its length, so that no two lists of parts read the same
		binary.BigEndian.PutUint64(number[:], uint64(len(text)))
		sum.Write(number[:])
		sum.Write([]byte(text))
	}
	part(app.ID.String())
	part(app.Key)
	part(string(q.identifier))
	part(q.userSig)
	return sigKey(sum.Sum(nil))
}

// authenticate refuses a caller who does not prove to be an App administrator. The order of the two checks keeps who
// is one from those who are not.
func (h *Handler) authenticate(app *live.App, q query) error {
	if err := h.accepted.verify(app, q, h.now()); err != nil {
		return err
	}
	if !app.IsAdministrator(q.identifier) {
		return live.Refuse(live.NotAdministrator,
			"the identifier is no App administrator of SDKAppID %d; call as one, or add it to administrators of the App", app.ID)
	}
	return nil
}

func (a *acceptedSigs) verify(app *live.App, q query, now time.Time) error {
	key := sigKeyOf(app, q)
	if until, ok := a.until.Get(key); ok && now.Before(until) {
		return nil
	}
	a.until.Remove(key)
	token, err := usersig.Decode(q.userSig)
	if err == nil {
		err = token.Verify(app.Key, uint32(app.ID), string(q.identifier), now)
	}
	if err != nil {
		return sigRefusal(err, token, app)
	}
	if token.HasUserBuf() {
		return live.Refuse(live.UserSigMalformed, "the UserSig has a userbuf, which the REST API does not take; make one without")
	}
	a.until.Add(key, token.ValidUntil())
	return nil
}

// sigRefusal says what to mend. The texts are made here: those of the errors are for programmers.
func sigRefusal(err error, token usersig.Token, app *live.App) error {
	switch {
	case errors.Is(err, usersig.ErrNoKey):
		return live.Refuse(live.UserSigWrongKey, "SDKAppID %d has no key to verify the UserSig with; set key of the App in the config file", app.ID)
	case errors.Is(err, usersig.ErrSDKAppID):
		return live.Refuse(live.UserSigOtherApp, "the UserSig was made for SDKAppID %d, the call is for %d", token.SDKAppID(), app.ID)
	case errors.Is(err, usersig.ErrIdentifier):
		return live.Refuse(live.UserSigOtherIdentifier, "the UserSig was made for another identifier, %q; letter case counts", token.Identifier())
	case errors.Is(err, usersig.ErrExpired):
		return live.Refuse(live.UserSigExpired, "the UserSig expired at %s; make a new one", token.ValidUntil().Format(time.RFC3339))
	case errors.Is(err, usersig.ErrSignature):
		return live.Refuse(live.UserSigWrongKey, "the UserSig was changed, or signed with another key than that of SDKAppID %d", app.ID)
	case errors.Is(err, usersig.ErrVersion):
		return live.Refuse(live.UserSigMalformed, "the UserSig has another version than 2.0 (TLSSigAPIv2); make it with the App's secret key")
	}
	return live.Refuse(live.UserSigMalformed, "the UserSig cannot be decoded; send it whole, as it was made")
}
