package house

import "slices"

// row is what the house says about one package. Imports and standard bind what the package ships, not its tests, unless
// it has tests only.
type row struct {
	imports  []string // packages of this module that it may import; all: every one
	standard bool     // beyond these, the standard library only
	pure     bool     // time, randomness and the outside world are arguments
	fuzz     bool     // it decodes what the network sends
}

const all = "*"

// table has a row for every package, by its folder. A new package gets its row in the commit that adds it; the layout and its
// reasons are in docs/architecture.md.
var table = map[string]row{
	// What others import. They carry no weight of the server.
	"callback":   {standard: true, fuzz: true},
	"liveapi":    {imports: []string{"usersig"}, standard: true, fuzz: true},
	"liveclient": {imports: []string{"usersig"}},
	"usersig":    {standard: true, fuzz: true},

	// The heart.
	"internal/live":            {standard: true, pure: true},
	"internal/eventlog":        {standard: true},
	"internal/wire":            {imports: []string{"callback", "liveapi", "internal/live", "internal/eventlog"}, standard: true, pure: true},
	"internal/engine":          {imports: []string{"internal/live", "internal/eventlog", "internal/wire"}},
	"internal/delivery/policy": {imports: []string{"internal/live", "internal/eventlog"}, standard: true, pure: true, fuzz: true},
	"internal/delivery": {imports: []string{
		"callback", "internal/live", "internal/eventlog", "internal/wire", "internal/egress", "internal/delivery/policy"}},
	"internal/egress": {},
	"internal/question": {fuzz: true, imports: []string{
		"callback", "internal/live", "internal/wire", "internal/egress", "internal/throttle"}},
	"internal/throttle": {standard: true},
	"internal/timer":    {imports: []string{"internal/live", "internal/eventlog", "internal/engine"}},

	// The edges: how requests come in, and who they are from.
	"internal/access": {fuzz: true, imports: []string{"usersig", "internal/live"}},
	"internal/call":   {fuzz: true, imports: []string{"internal/access", "internal/live"}},
	"internal/rest": {fuzz: true, imports: []string{
		"callback", "liveapi", "usersig", "internal/access", "internal/live", "internal/engine", "internal/wire", "internal/throttle"}},
	"internal/gateway": {fuzz: true, imports: []string{
		"liveclient", "usersig", "internal/live", "internal/eventlog", "internal/engine", "internal/wire"}},
	"internal/feed": {fuzz: true, imports: []string{
		"internal/access", "internal/call", "internal/live", "internal/eventlog", "internal/wire"}},
	"internal/operate": {fuzz: true, imports: []string{
		"callback", "usersig", "internal/access", "internal/call", "internal/live", "internal/eventlog", "internal/wire", "internal/delivery",
		"internal/delivery/policy"}},

	// The stores know those whose contracts they satisfy.
	"internal/sqlite":   {imports: contracts},
	"internal/postgres": {imports: contracts},
	"internal/storetest": {imports: append([]string{
		"callback", "liveapi", "internal/wire"}, contracts...)},
	"internal/pgtest": {},

	// The top.
	"internal/config": {imports: []string{"callback", "internal/live"}},
	"internal/server": {imports: []string{all}},
	// What it measures beside the server, a sender and a store alone, it uses directly; the server itself only as a process.
	"internal/bench": {imports: []string{
		"callback", "usersig", "internal/live", "internal/eventlog", "internal/wire", "internal/engine", "internal/delivery", "internal/egress",
		"internal/sqlite", "internal/postgres"}},
	"cmd/callboard": {imports: []string{
		"callback", "liveapi", "liveclient", "usersig", "internal/config", "internal/server", "internal/bench"}},

	// Tests only. Those of the real binary see what an App backend and the owner of a database see.
	"internal/house":  {standard: true},
	"test/acceptance": {imports: suites},
	"test/crash":      {imports: suites},
	"test/gap":        {imports: suites},
	"test/load":       {imports: suites},
}

var (
	public = []string{"callback", "liveapi", "liveclient", "usersig"}
	suites = slices.Concat(public, []string{"internal/pgtest"}) // with a database to treat badly
	edges  = []string{"internal/rest", "internal/gateway", "internal/feed", "internal/operate"}
	stores = []string{"internal/sqlite", "internal/postgres"}

	contracts = []string{
		"internal/live", "internal/eventlog", "internal/engine", "internal/delivery", "internal/delivery/policy",
		"internal/timer", "internal/feed", "internal/operate"}
)

// reach lists what the table lets a package depend on, directly or by others, without the package itself.
func reach(from string) []string {
	var seen []string
	todo := slices.Clone(table[from].imports)
	for len(todo) > 0 {
		next := todo[0]
		todo = todo[1:]
		if next == all || slices.Contains(seen, next) {
			continue
		}
		seen = append(seen, next)
		todo = append(todo, table[next].imports...)
	}
	slices.Sort(seen)
	return seen
}
