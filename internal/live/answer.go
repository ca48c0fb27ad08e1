package live

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// KindAnswer is the kind of [Answer].
const KindAnswer PartKind = "answer"

const (
	// KeepAnswers is how long what was answered under an idempotency key is kept at least.
	KeepAnswers = 24 * time.Hour
	// MaxKey is the longest idempotency key, in bytes.
	MaxKey = 100
)

// Answer is what was answered to a call that had an idempotency key. It is a part of the App itself.
type Answer struct {
	// Command is the name and a digest of the command with all that it says.
	Command string
	Reply   Reply
}

// Kind implements [Part].
func (*Answer) Kind() PartKind { return KindAnswer }

// AnswerOf names the answer under a key.
func AnswerOf(key string) PartID { return PartID{Kind: KindAnswer, Key: key} }

// NewAnswer returns what is kept of a command that was done.
func NewAnswer(c Command, r Reply) (*Answer, error) {
	told, err := told(c)
	return &Answer{Command: told, Reply: r}, err
}

// Again returns the outcome of a command that is sent again under its key. Another command is refused.
func (a *Answer) Again(c Command) (Outcome, error) {
	told, err := told(c)
	if err != nil {
		return Outcome{}, err
	}
	if told != a.Command {
		return Outcome{}, invalid("the idempotency key was used for another call less than %s ago; use a new one for each call", KeepAnswers)
	}
	return Outcome{Reply: a.Reply}, nil
}

// told is a command with all that it says, in a few bytes.
func told(c Command) (string, error) {
	doc, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("digest %s: %w", c.Name(), err)
	}
	sum := sha256.Sum256(doc)
	return c.Name() + " " + hex.EncodeToString(sum[:16]), nil
}

// CheckKey refuses what is no idempotency key.
func CheckKey(key string) error {
	return checkLength("The header Callboard-Idempotency-Key", key, MaxKey)
}
