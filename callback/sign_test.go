package callback

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The vector of the documentation. Spec: callbacks, section 4.1.
const (
	vectorToken = "xxxxyyyy"
	vectorTime  = 1669872112
	vectorSign  = "17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061"
)

func TestSignMatchesTheDocumentedVector(t *testing.T) {
	if got := Sign(vectorToken, vectorTime); got != vectorSign {
		t.Errorf("Sign = %s, want %s", got, vectorSign)
	}
}

func TestVerifySignAcceptsOneMinuteEitherWay(t *testing.T) {
	at := func(seconds int64) time.Time { return time.Unix(vectorTime+seconds, 0) }
	signed := func(requestTime string) string { return digest(vectorToken, requestTime) }
	valid := strconv.Itoa(vectorTime)
	for _, tt := range []struct {
		name                     string
		token, sign, requestTime string
		now                      time.Time
		want                     error
	}{
		{"now", vectorToken, vectorSign, valid, at(0), nil},
		{"60 s old", vectorToken, vectorSign, valid, at(60), nil},
		{"60 s ahead", vectorToken, vectorSign, valid, at(-60), nil},
		{"61 s old", vectorToken, vectorSign, valid, at(61), ErrRequestTime},
		{"61 s ahead", vectorToken, vectorSign, valid, at(-61), ErrRequestTime},
		{"other token", "xxxxyyyz", vectorSign, valid, at(0), ErrSign},
		{"other time", vectorToken, vectorSign, "1669872113", at(0), ErrSign},
		{"same time, other text", vectorToken, vectorSign, "01669872112", at(0), ErrSign},
		{"upper-case digest", vectorToken, strings.ToUpper(vectorSign), valid, at(0), ErrSign},
		{"truncated digest", vectorToken, vectorSign[:63], valid, at(0), ErrSign},
		{"no Sign", vectorToken, "", valid, at(0), ErrSign},
		{"empty token", "", digest("", valid), valid, at(0), ErrSign},
		{"wrong Sign and old", vectorToken, "", valid, at(1000), ErrSign},
		{"no RequestTime", vectorToken, signed(""), "", at(0), ErrRequestTime},
		{"RequestTime is a word", vectorToken, signed("soon"), "soon", at(0), ErrRequestTime},
		{"RequestTime in milliseconds", vectorToken, signed(valid + "000"), valid + "000", at(0), ErrRequestTime},
		{"smallest RequestTime", vectorToken, signed("-9223372036854775808"), "-9223372036854775808", at(0), ErrRequestTime},
		{"largest RequestTime", vectorToken, signed("9223372036854775807"), "9223372036854775807", at(0), ErrRequestTime},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := VerifySign(tt.token, tt.sign, tt.requestTime, tt.now); !errors.Is(got, tt.want) {
				t.Errorf("VerifySign = %v, want %v", got, tt.want)
			}
		})
	}
}
