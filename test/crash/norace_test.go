//go:build !race

package crash

// raceDetector tells that the tests run with the race detector; the binary is then built with it too.
const raceDetector = false
