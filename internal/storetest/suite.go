package storetest

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/feed"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/operate"
)

// Store is the sum of the contracts.
type Store interface {
	engine.Store
	delivery.Log
	delivery.Retention
	delivery.Backlogs
	engine.Renewal
	feed.Log
	operate.Query
	// Room returns the committed state of a room, nil when there is none.
	Room(ctx context.Context, app live.AppID, id live.RoomID) (*live.Room, error)
	// PublicRooms returns a page of the rooms that are publicly visible.
	PublicRooms(ctx context.Context, app live.AppID, page live.RoomPage) ([]live.Room, error)
	// Parts returns parts in the order of their ids; nil for one that is not there.
	Parts(ctx context.Context, app live.AppID, ids []live.PartID) ([]live.Part, error)
	// PartsAfter returns the parts of one room and kind whose keys are above that of after, in the order of their bytes.
	PartsAfter(ctx context.Context, app live.AppID, after live.PartID, limit int) ([]live.Keyed, error)
	// DueParts returns parts that are due, those that are due longest first, without answers.
	DueParts(ctx context.Context, now time.Time, limit int) ([]engine.Due, error)
	// SweepParts removes parts of lives that ended, and answers that are due, at most limit of each; 0: nothing was left.
	SweepParts(ctx context.Context, now time.Time, limit int) (int, error)
}

// Harness is one empty database under test. All functions but Second are needed.
type Harness struct {
	// Open returns the store. It is called once; the store is closed when the test ends.
	Open func() Store
	// Second returns another handle on the same database, as a second process has one; nil or false: there is none.
	Second func() (Store, bool)
	// Audit returns the rows of the audit table of an App, oldest first.
	Audit func(app live.AppID) ([]engine.Audit, error)
	// Attempts returns the recorded attempts of a reader, by Seq and Number.
	Attempts func(id delivery.ReaderID) ([]eventlog.Attempt, error)
	// Dead returns the dead letters of a reader, by Seq.
	Dead func(id delivery.ReaderID) ([]DeadLetter, error)
}

// tests are what a store promises.
var tests = []struct {
	name string
	test func(*suite)
}{
	{"RoomsEventsAndSettingsAreOneCommit", oneCommit},
	{"FailedCommitLeavesNothing", failedCommit},
	{"RollbackLeavesNothing", rollback},
	{"ReadsShowCommittedStateOnly", committedOnly},
	{"LoadAnswersInTheOrderOfTheWants", loadOrder},
	{"NumbersHaveNoGapsAndNameTheCallbackBefore", numbers},
	{"EveryAppHasNumbersOfItsOwn", numbersPerApp},
	{"RoomCreatedAgainGoesOnNumbering", numbersGoOn},
	{"EveryFieldOfAnEventIsKept", eventFields},
	{"EveryFieldOfARoomIsKept", roomFields},
	{"LargeBodiesComeBackByteForByte", largeBodies},
	{"ManyRoomsInOneCommit", manyRooms},
	{"EveryFieldOfTheSettingsIsKept", settingsFields},
	{"SettingsAreReplacedAndNotMerged", settingsReplaced},
	{"DiscardToHeadIsTheLastNumber", discardToHead},
	{"AuditNamesWhoChangedWhat", audit},
	{"EachAppYieldsEveryAppUntilAnError", eachApp},
	{"ANewLogKeepsTheNumbersAndFencesItsReaders", newLog},
	{"ReadIsBoundedByEventsAndBytes", readBounds},
	{"ReadLaneReturnsCallbacksOfOneLane", readLane},
	{"PublicRoomsAreOrderedAndPagedBothWays", publicRooms},
	{"PartsAreReplacedAndRemoved", partsReplaced},
	{"PartsGoWithTheLifeOfTheirRoom", partsGoWithTheirRoom},
	{"PartsArePagedInTheOrderOfTheirBytes", partsInPages},
	{"PartsAreDueInTheOrderOfTheirTimes", partsDue},
	{"PartsOfEndedLivesAreSweptBitByBit", partsSwept},
	{"LanesGoOnWhereTheLogHasThem", lanesFromTheLog},
	{"PartsAreCountedByAllWriters", countedByAll},
	{"RoomsAreCountedAsFarAsIsAskedFor", countRooms},
	{"WritersWhoCountRoomsTakeTurns", quotaByAll},
	{"PendingAreReadersWithSomethingToDo", pending},
	{"OpenTakesTheRightToSettleAway", fence},
	{"SettlementIsStoredWhole", settle},
	{"RepeatedAttemptsAreReplaced", repeatedAttempts},
	{"PauseIsStoredWithTheCursor", paused},
	{"DeadLettersKeepTheirBytesAfterTheLogForgotThem", deadLetters},
	{"DeadLettersLeaveWhenARedeliveryWasAccepted", revived},
	{"DeadLettersLeaveByAge", deadByAge},
	{"DeadLettersBeyondTheCapLeaveOldestFirst", deadBeyond},
	{"EachReaderHasACapOfDeadLettersOfItsOwn", deadBeyondOfEach},
	{"AnnouncementsStayUntilTheyAreTold", announcements},
	{"AnnouncementsOfManyLanesAreReadAtOnce", manySkips},
	{"RedeliveryIsAReaderWithANewName", redelivery},
	{"FinishedRedeliveryLeavesItsAttempts", finishedRedelivery},
	{"AttemptsOfAFinishedRedeliveryLeaveByAge", finishedByAge},
	{"SettlementStoredTwiceIsStoredOnce", settledTwice},
	{"EndpointsAreReadersThatBeginAtTheHead", endpointReaders},
	{"AnEndpointThatIsGoneLeavesItsAttemptsOnly", endpointGone},
	{"AnEndpointThatIsAddedAgainBeginsAnew", endpointAgain},
	{"ARedeliveryHasTheDeadLettersOfItsReader", endpointRedelivery},
	{"ARedeliveryOfAReaderThatIsGoneIsNotStored", redeliveryOfNobody},
	{"ReadAgainReadsTheLogAndDeadLettersInOrder", readAgain},
	{"ReadAgainIsBounded", readAgainBounds},
	{"AgedAreLogsThatBeginBeforeATime", aged},
	{"ForgetLeavesWhatAReaderNeeds", needed},
	{"ForgetTakesAttemptsAndAnnouncementsAlong", forgotten},
	{"NumbersGoOnAfterForgetting", numbersAfterForgetting},
	{"NumbersGoOnAlsoWhenACursorIsBeyondTheHead", cursorBeyondHead},
	{"ForgettingAgreesWithItsModel", modelled},
	{"BacklogsTellHowFarBehindAReaderIs", backlogs},
	{"BoundsTellWhereALogBeginsAndEnds", bounds},
	{"EventsAfterAreThoseThatAreNotForgotten", eventsAfter},
	{"LaneEventsAfterAreThoseOfOneLane", laneEventsAfter},
	{"RoomsAfterAreInTheOrderOfTheirBytes", roomsAfter},
	{"LastCallbacksAreThoseOfTheRoomElseOfTheLog", lastCallbacks},
	{"StandingTellsWhatAReaderHasNotSettled", standing},
	{"StandingCountsMoreThanIsReadAtATime", manyWaiting},
	{"StandingAgreesWithItsModel", standingModelled},
	{"AttemptsAreFoundByEveryFilterAndPagedBothWays", attemptPages},
	{"APageOfAttemptsLooksAtABoundedNumberOfRows", boundedLooks},
	{"AttemptsThatAreForgottenAreNotFound", forgottenAttempts},
	{"AttemptsOfWhatTheLogForgotAreFoundWithoutItsLane", attemptsWithoutLog},
	{"DeadLettersAreFoundByEveryFilterAndPagedBothWays", letterPages},
	{"APageOfDeadLettersIsBoundedByBytes", letterBytes},
	{"ATimeBecomesANumber", lastBefore},
	{"ExtentIsWhatTheLogHas", extents},
	{"TraceTellsTheFateOfAnEvent", traces},
	{"TraceHasTheAttemptsOfRedeliveries", tracedRedeliveries},
	{"TraceNamesWhoDiscardedTheEvent", tracedDiscard},
	{"TraceTellsWhereAReaderBegan", tracedBeginning},
	{"TraceHasTheFirstAttempt", tracedFirstAttempt},
	{"CanceledCallsChangeNothing", canceled},
	{"ConcurrentWritersNumberWithoutGaps", concurrentWriters},
	{"FollowerSeesEveryEventOnceAndInOrder", follower},
	{"ConcurrentOpensHaveDifferentFences", concurrentOpens},
	{"ConcurrentRedeliveriesHaveDifferentNames", concurrentRedeliveries},
	{"AnAppHasALimitedNumberOfRedeliveries", limitedRedeliveries},
	{"ForgettingWhileOthersWriteLeavesNoGap", forgetWhileWriting},
	{"NoRedeliveryIsLeftOfAnEndpointThatGoesMeanwhile", redeliverWhileEndpointsGo},
	{"RedeliveryKeepsWhatItFoundWhileOthersForget", redeliverWhileForgetting},
}

// Run runs the suite. start is called for each subtest and returns a harness over a new database.
func Run(t *testing.T, start func(t *testing.T) Harness) {
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			h := start(t)
			c.test(&suite{T: t, h: h, s: h.Open()})
		})
	}
}

// suite is one running subtest.
type suite struct {
	*testing.T
	h Harness
	s Store
}

// handles are all handles on the database: two when the harness can, else one.
func (t *suite) handles() []Store {
	list := []Store{t.s}
	if t.h.Second != nil {
		if second, ok := t.h.Second(); ok {
			list = append(list, second)
		}
	}
	return list
}

// must ends the test on an error.
func (t *suite) must(err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// same compares got with want; nil and empty slices count as the same.
func (t *suite) same(what string, got, want any) {
	t.Helper()
	if d := diff(got, want); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// diff is empty when both are the same.
func diff(got, want any) string {
	if reflect.DeepEqual(got, want) { // far quicker, and true as a rule
		return ""
	}
	return cmp.Diff(want, got, cmpopts.EquateEmpty(), cmp.Comparer(sameCursor))
}

func sameCursor(a, b eventlog.Cursor) bool { return a.Done() == b.Done() && a.Beyond() == b.Beyond() }

// fails fails the test unless err is target.
func (t *suite) fails(what string, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Errorf("%s: error %v, want %v", what, err, target)
	}
}
