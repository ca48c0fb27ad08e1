package wire

import (
	"fmt"
	"net/http"
	"time"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// topics are the command words of what App backends are asked about.
var topics = map[live.Topic]callback.Command{
	live.TopicMessage: callback.CommandBeforeSendMessage,
	live.TopicGift:    callback.CommandBeforeSendGift,
}

// NotBlock is the word that lets gifts pass when there is no valid answer. Spec: callbacks 6.14; it is never sent.
const NotBlock = string(callback.CommandNotBlock)

// TopicCommand returns the documented command word of a topic.
func TopicCommand(t live.Topic) string { return string(topics[t]) }

// QuestionCommands lists the command words of questions.
func QuestionCommands() []string {
	return []string{TopicCommand(live.TopicMessage), TopicCommand(live.TopicGift)}
}

// QuestionBody encodes a question. operator is who wants to do it.
func QuestionBody(q live.Question, operator live.Account) ([]byte, error) {
	switch q := q.(type) {
	case live.MessageQuestion:
		return encode(beforeSendMessage(q, callback.Account(operator)))
	case live.GiftQuestion:
		return encode(beforeSendGift(q, callback.Account(operator)))
	}
	panic(fmt.Sprintf("wire: %T has no body", q))
}

// QuestionURL is where a question is asked, with all documented parameters, as [URL] has them for an event.
func QuestionURL(to live.Destination, app live.AppID, topic live.Topic, by live.Actor, now time.Time) string {
	e := eventlog.Event{Command: TopicCommand(topic), ClientIP: by.ClientIP, Platform: by.Platform}
	return URL(to.URL, app, &e, to.Token, now)
}

// QuestionHeader has the headers of a question. It is in no log and in no lane, so it has none of the numbers: the call that
// led to it names it. A signer that is not nil signs headers and body.
func QuestionHeader(by live.Actor, body []byte, signer *callback.Signer, now time.Time) http.Header {
	h := http.Header{"Content-Type": {"application/json"}, "User-Agent": {"Callboard"}}
	if by.Cause != "" {
		h[callback.HeaderCause] = []string{by.Cause}
	}
	if signer != nil {
		signer.Sign(h, body, now)
	}
	return h
}
