package callback

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// MaxSigningSecrets is the most live secrets: the one in use, and another one while they are rotated.
const MaxSigningSecrets = 2

const (
	secretPrefix      = "whsec_"
	minKey, maxKey    = 24, 64 // bytes. Spec: Standard Webhooks, signature scheme.
	signatureVersion  = "v1,"
	signatureWindow   = 300 // seconds that Webhook-Timestamp may lie from now, either way
	maxSignatures     = 8   // of a header that are looked at
	encodedSize       = 44  // base64 of a SHA-256
	textSize          = 768 // of what is signed with the headers, mostly
	signatureCapacity = MaxSigningSecrets * (len(signatureVersion) + encodedSize + 1)
)

// The errors of signing secrets and signatures. None repeats a secret.
var (
	// ErrSigningSecret: a text is no signing secret.
	ErrSigningSecret = errors.New("callback: a signing secret is whsec_ and the base64 of 24 to 64 random bytes; make one: echo whsec_$(openssl rand -base64 32)")
	// ErrSignature: a signature is absent, or no live secret has made it for these headers and this body.
	ErrSignature = errors.New("callback: a signature is absent or does not match; compare the secrets of both ends, and look for a proxy that changes the body or the Callboard headers")
	// ErrTimestamp: Webhook-Timestamp is no Unix time in seconds, or it is more than 5 min from now.
	ErrTimestamp = errors.New("callback: webhook-timestamp is more than 5 min away; compare the clocks of both ends")
)

// Signer makes and verifies the two signatures of a callback. Webhook-Signature is that of Standard Webhooks and covers the
// body; Callboard-Signature covers the Callboard headers and the hash of the body. docs/signing.md has both byte by byte.
// A Signer is safe for concurrent use.
type Signer struct{ keys []*signingKey }

// NewSigner returns a Signer of one or two live secrets. All of them sign, the first one first, and a signature by any of
// them verifies. Error: ErrSigningSecret, or that there are none or too many.
func NewSigner(secrets ...string) (*Signer, error) {
	if len(secrets) == 0 || len(secrets) > MaxSigningSecrets {
		return nil, fmt.Errorf("callback: %d signing secrets; use one, or two while they are rotated", len(secrets))
	}
	s := &Signer{}
	for _, secret := range secrets {
		key, err := parseSecret(secret)
		if err != nil {
			return nil, err
		}
		s.keys = append(s.keys, newSigningKey(key))
	}
	return s, nil
}

func parseSecret(text string) ([]byte, error) {
	encoded, found := strings.CutPrefix(text, secretPrefix)
	key, err := base64.StdEncoding.Strict().DecodeString(encoded)
	// The decoder passes over line ends, of which a secret has none.
	if !found || err != nil || len(key) < minKey || len(key) > maxKey || strings.ContainsAny(encoded, "\r\n") {
		return nil, ErrSigningSecret
	}
	return key, nil
}

// Sign adds Webhook-Id, Webhook-Timestamp, Webhook-Signature and Callboard-Signature to a header that is complete
// otherwise. Webhook-Id is its Callboard-Event-Id, of a question, which is no event, its Callboard-Cause. No Callboard header may
// stand in it twice.
func (s *Signer) Sign(header http.Header, body []byte, at time.Time) {
	id, timestamp := header.Get(HeaderEventID), strconv.FormatInt(at.Unix(), 10)
	if id == "" {
		id = header.Get(HeaderCause)
	}
	w := worksheets.Get().(*worksheet)
	defer worksheets.Put(w)
	w.text = webhookText(w.text[:0], id, timestamp)
	webhook := s.signatures(w, body)
	w.text, _ = headerText(w.text[:0], header, timestamp, body)
	headers := s.signatures(w, nil)
	values := []string{id, timestamp, webhook, headers} // one allocation for four
	for i, name := range [...]string{HeaderWebhookID, HeaderWebhookTimestamp, HeaderWebhookSignature, HeaderSignature} {
		header[name] = values[i : i+1 : i+1]
	}
}

// Verify checks both signatures of a callback as it was received, in constant time, and then wants Webhook-Timestamp within
// 5 min of now, ahead or behind: who does not know a secret learns nothing about the clock. Errors: ErrSignature,
// ErrTimestamp.
func (s *Signer) Verify(header http.Header, body []byte, now time.Time) error {
	id, timestamp := only(header, HeaderWebhookID), only(header, HeaderWebhookTimestamp)
	w := worksheets.Get().(*worksheet)
	defer worksheets.Put(w)
	w.text = webhookText(w.text[:0], id, timestamp)
	if !s.match(only(header, HeaderWebhookSignature), w, body) {
		return ErrSignature
	}
	var ok bool
	if w.text, ok = headerText(w.text[:0], header, timestamp, body); !ok || !s.match(only(header, HeaderSignature), w, nil) {
		return ErrSignature
	}
	at, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || at < now.Unix()-signatureWindow || at > now.Unix()+signatureWindow {
		return ErrTimestamp
	}
	return nil
}

// only returns the value of a header that stands once, else nothing: of two values, a proxy and a receiver may take
// different ones.
func only(header http.Header, name string) string {
	if values := header[name]; len(values) == 1 {
		return values[0]
	}
	return ""
}

// worksheet is what signing needs of memory, used again and again.
type worksheet struct {
	text []byte
	list []byte
}

var worksheets = sync.Pool{New: func() any {
	return &worksheet{text: make([]byte, 0, textSize), list: make([]byte, 0, signatureCapacity)}
}}

// webhookText is what Standard Webhooks signs, without the body that follows on it.
func webhookText(text []byte, id, timestamp string) []byte {
	text = append(text, id...)
	text = append(text, '.')
	text = append(text, timestamp...)
	return append(text, '.')
}

// signatures is the header of the worksheet's text and what follows on it: one signature of each secret, blanks between.
func (s *Signer) signatures(w *worksheet, rest []byte) string {
	w.list = w.list[:0]
	for i, key := range s.keys {
		if i > 0 {
			w.list = append(w.list, ' ')
		}
		sum := key.sum(w.text, rest)
		w.list = append(w.list, signatureVersion...)
		w.list = append(w.list, sum[:]...)
	}
	return string(w.list)
}

// match tells whether one of the signatures in a header is that of a live secret. Those of other versions are passed over.
func (s *Signer) match(header string, w *worksheet, rest []byte) bool {
	var want [MaxSigningSecrets][encodedSize]byte
	for i, key := range s.keys {
		want[i] = key.sum(w.text, rest)
	}
	found, looked := 0, 0
	for text := range strings.FieldsSeq(header) {
		if looked++; looked > maxSignatures {
			break
		}
		got, ok := strings.CutPrefix(text, signatureVersion)
		if !ok {
			continue
		}
		for i := range s.keys {
			found |= subtle.ConstantTimeCompare([]byte(got), want[i][:])
		}
	}
	return found == 1
}

// signingKey keeps HMACs of a key that are ready: making one costs more than the signature of a short text.
type signingKey struct{ macs sync.Pool }

// mac is an HMAC and room for its sum, which would be allocated each time otherwise.
type mac struct {
	hash.Hash
	sum [sha256.Size]byte
}

func newSigningKey(key []byte) *signingKey {
	return &signingKey{macs: sync.Pool{New: func() any { return &mac{Hash: hmac.New(sha256.New, key)} }}}
}

// sum is the base64 of the HMAC-SHA256 of two pieces.
func (k *signingKey) sum(first, second []byte) (encoded [encodedSize]byte) {
	m := k.macs.Get().(*mac)
	defer k.macs.Put(m)
	m.Reset()
	_, _ = m.Write(first) // a hash never gives an error
	_, _ = m.Write(second)
	base64.StdEncoding.Encode(encoded[:], m.Sum(m.sum[:0]))
	return encoded
}
