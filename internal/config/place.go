package config

// The paths of the keys outside the Apps that rules know by name.
const (
	keyDatabase     = "database"
	keyTLS          = "tls"
	keyRetentionLog = "retention.log"
)

// place is where a value came from: a line of the file, a variable or a flag.
type place struct {
	file string
	line int
	key  string
}

// standsAt remembers where a key stands; the last source beats the others, as
// its value does.
func (l *loader) standsAt(key string, at place) { l.places[key] = at }

// refuseFindings refuses what Options.Check found, where it stands. A key that
// nobody gave has its default and no line.
func (l *loader) refuseFindings(all []Finding) {
	for _, f := range all {
		at, given := l.places[f.Key]
		if !given {
			at = place{key: f.Key}
		}
		l.refuse(at, "%v", f.Err)
	}
}
