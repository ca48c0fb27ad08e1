package bench

import "time"

// scale is how large everything is.
type scale struct {
	inFlight int // senders and clients at one time, as an App has by default

	rooms, callbacks int // drain, hung-room, disk

	warm      time.Duration // played before flood, steady and slow, and not counted
	floodFor  time.Duration
	steadyFor time.Duration

	slowApps    int
	slowRate    int // changes a second of all Apps together
	slowFor     time.Duration
	slowTimeout time.Duration // of an attempt

	manyRooms, manyRoomCallbacks int

	manyApps, manyAppCallbacks int

	downCallbacks int
	downFor       time.Duration

	idleApps int
	idleFor  time.Duration

	oldCallbacks int           // settled long ago; an even number for each of the rooms, so that none has an administrator
	purgeWarm    time.Duration // above the 1 s after which the first purge begins

	againCallbacks int // sent again; an even number for each of the rooms
	againRate      int // changes a second beside it
	againFor       time.Duration

	mixApps  int
	mixRooms int // of each App
	mixRate  int // changes a second of all Apps together
	mixFor   time.Duration

	heldApps  int
	heldRooms int // of each App
	heldFor   time.Duration
	heldWarm  time.Duration // the load before the transaction begins, which is not counted

	numberFor time.Duration // of each way to commit

	syncs int
}

var full = scale{
	inFlight: 64,
	rooms:    1_000, callbacks: 200_000,
	warm: 2 * time.Second, floodFor: 10 * time.Second, steadyFor: 20 * time.Second,
	slowApps: 10, slowRate: 1_000, slowFor: 15 * time.Second, slowTimeout: 5 * time.Second,
	manyRooms: 1_000_000, manyRoomCallbacks: 1_000_000,
	manyApps: 10_000, manyAppCallbacks: 200_000,
	downCallbacks: 1_000_000, downFor: time.Minute,
	idleApps: 10_000, idleFor: time.Minute,
	oldCallbacks: 500_000, purgeWarm: 2 * time.Second,
	againCallbacks: 100_000, againRate: 500, againFor: 15 * time.Second,
	mixApps: 8, mixRooms: 500, mixRate: 300, mixFor: time.Hour,
	heldApps: 4, heldRooms: 2_500, heldFor: 10 * time.Minute, heldWarm: 2 * time.Minute,
	numberFor: 5 * time.Second,
	syncs:     200,
}

var quick = scale{
	inFlight: 64,
	rooms:    200, callbacks: 2_000,
	warm: 200 * time.Millisecond, floodFor: time.Second, steadyFor: time.Second / 2,
	slowApps: 10, slowRate: 200, slowFor: 2 * time.Second, slowTimeout: 500 * time.Millisecond,
	manyRooms: 4_000, manyRoomCallbacks: 4_000,
	manyApps: 100, manyAppCallbacks: 4_000,
	downCallbacks: 5_000, downFor: 2 * time.Second,
	idleApps: 200, idleFor: 2 * time.Second,
	oldCallbacks: 40_000, purgeWarm: 1200 * time.Millisecond,
	againCallbacks: 2_000, againRate: 200, againFor: time.Second / 2,
	mixApps: 4, mixRooms: 100, mixRate: 100, mixFor: shortestMix,
	heldApps: 2, heldRooms: 100, heldFor: 3 * time.Second, heldWarm: 200 * time.Millisecond,
	numberFor: 200 * time.Millisecond,
	syncs:     20,
}
