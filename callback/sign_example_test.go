package callback_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/callboard/callboard/callback"
)

func ExampleSign() {
	fmt.Println(callback.Sign("xxxxyyyy", 1669872112))
	// Output: 17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061
}

func ExampleVerifySign() {
	sign := callback.Sign("xxxxyyyy", 1669872112)
	inTime, late := time.Unix(1669872170, 0), time.Unix(1669872200, 0)
	fmt.Println(callback.VerifySign("xxxxyyyy", sign, "1669872112", inTime))
	fmt.Println(errors.Is(callback.VerifySign("xxxxyyyy", sign, "1669872112", late), callback.ErrRequestTime))
	// Output:
	// <nil>
	// true
}

func ExampleKnownCommand() {
	fmt.Println(callback.KnownCommand("Live.CallbackAfterModifyAdmin"), callback.KnownCommand("Live.CallbackAfterModifyAdmins"))
	// Output: true false
}
