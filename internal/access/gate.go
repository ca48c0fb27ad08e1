package access

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/usersig"
)

// Gate lets App administrators in.
type Gate struct {
	now   func() time.Time
	until *lru.Cache[sigKey, time.Time] // the first instant at which a remembered UserSig is refused
	// nobodysKey is what UserSigs for an App are verified with that there is not.
	nobodysKey string
}

// StandardSigs is how many UserSigs are remembered unless somebody says otherwise: some 150 bytes each.
const StandardSigs = 10_000

// NewGate returns a gate that remembers that many valid UserSigs; 0: [StandardSigs]. now is the clock; nil: time.Now.
func NewGate(remember int, now func() time.Time) *Gate {
	if now == nil {
		now = time.Now
	}
	cache, err := lru.New[sigKey, time.Time](cmp.Or(max(remember, 0), StandardSigs))
	if err != nil {
		panic("access: " + err.Error()) // the size is above 0
	}
	return &Gate{now: now, until: cache, nobodysKey: rand.Text()}
}

// sigKey is a hash over the UserSig and all that it was verified against. With the App's key in it, a changed key
// forgets the UserSigs of the old one; being a hash, it bounds the memory and keeps no secret there.
type sigKey [sha256.Size]byte

func sigKeyOf(app *live.App, q Query) sigKey {
	sum := sha256.New()
	var number [8]byte
	part := func(text string) { // with its length, so that no two lists of parts read the same
		binary.BigEndian.PutUint64(number[:], uint64(len(text)))
		sum.Write(number[:])
		sum.Write([]byte(text))
	}
	part(app.ID.String())
	part(app.Key)
	part(string(q.Identifier))
	part(q.UserSig)
	return sigKey(sum.Sum(nil))
}

// Admit refuses a caller who does not prove to be an App administrator, with a *live.Error. The order of the two checks
// keeps who is one from those who are not.
func (g *Gate) Admit(app *live.App, q Query) error {
	if err := g.verify(app, q, g.now()); err != nil {
		return err
	}
	if !app.IsAdministrator(q.Identifier) {
		return live.Refuse(live.NotAdministrator,
			"the identifier is no App administrator of SDKAppID %d; call as one, or add it to administrators of the App", app.ID)
	}
	return nil
}

func (g *Gate) verify(app *live.App, q Query, now time.Time) error {
	key := sigKeyOf(app, q)
	if until, ok := g.until.Get(key); ok && now.Before(until) {
		return nil
	}
	g.until.Remove(key)
	token, err := usersig.Decode(q.UserSig)
	if err == nil {
		err = token.Verify(app.Key, uint32(app.ID), string(q.Identifier), now)
	}
	if err != nil {
		return sigRefusal(err, token, app)
	}
	if token.HasUserBuf() {
		return live.Refuse(live.UserSigMalformed, "the UserSig has a userbuf, which the REST API does not take; make one without")
	}
	g.until.Add(key, token.ValidUntil())
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
