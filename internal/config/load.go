package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
)

// DefaultPath is the file that is read when no path is given; it may be absent.
const DefaultPath = "callboard.yaml"

// MaxSize is the largest configuration file in bytes.
const MaxSize = 1 << 20

// Options say where the configuration comes from. The zero value reads
// ./callboard.yaml, if there is one, and the process's environment.
type Options struct {
	// Path is the file of --config. A given file must exist; empty means
	// DefaultPath.
	Path string
	// Listen and Database are the flags --listen and --database; empty means
	// not given. They beat the environment, which beats the file.
	Listen, Database string
	// Getenv looks up an environment variable; nil means os.Getenv. An empty
	// value counts as not set.
	Getenv func(string) string
	// Check holds the rules of those whom the settings are for: whether a
	// database can be opened, files are usable, addresses may be called. It is
	// called once all else is right; nil means that there are none.
	Check func(*Config) []Finding
}

// Finding is a setting that Options.Check refuses.
type Finding struct {
	// Key is its path, such as database or apps[0].callback.url.
	Key string
	// Err says what is wrong and what is allowed, without any secret.
	Err error
}

// Load reads the configuration. What can be read and is wrong gives an *Error
// that lists every problem found; a file that cannot be opened gives an error
// that wraps the cause (fs.ErrNotExist, fs.ErrPermission). Warnings are
// returned in both cases.
func Load(o Options) (Config, []Warning, error) {
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	src, err := readConfig(o.Path)
	if err != nil {
		return Config{}, nil, fmt.Errorf("read configuration: %w", err)
	}
	return load(src, o)
}

// load is Load after the file was read.
func load(src source, o Options) (Config, []Warning, error) {
	l := &loader{file: src.name, getenv: o.Getenv, textLeft: maxExpanded, places: make(map[string]place)}
	cfg := Config{Listen: DefaultListen, Database: DefaultDatabase, Memory: DefaultMemory, Retention: defaultRetention()}
	if src.truncated {
		l.refuse(place{file: src.name}, "is larger than 1 MiB (%d bytes), the limit", MaxSize)
		return Config{}, nil, l.err()
	}
	if root := l.parse(src.data); root != nil {
		l.config(value{node: root}, &cfg)
	}
	l.override(&cfg, o)
	l.checkTogether(cfg)
	l.warnReadable(src.mode, l.literal)
	if l.err() == nil {
		l.warnGivenUpByAge(cfg) // a refused duration tells nothing about the one meant
	}
	if l.err() == nil && o.Check != nil {
		l.refuseFindings(o.Check(&cfg))
	}
	if err := l.err(); err != nil {
		return Config{}, l.warnings, err
	}
	return cfg, l.warnings, nil
}

// loader holds what one Load collects.
type loader struct {
	report
	file   string
	getenv func(string) string
	// visits counts the values read; aliases count again at each use.
	visits int
	// textLeft is how many bytes expanded values may still have.
	textLeft int
	// literal is the first secret that stands in the file itself.
	literal place
	// What the rules over several settings need.
	listenRefused bool
	keysAt        []keyPlace
	// places has where the keys stand that rules know by name.
	places map[string]place
	// firstApp has the line of each SDKAppID.
	firstApp map[uint32]int
}

// source is a file that was read.
type source struct {
	name      string
	data      []byte
	mode      fs.FileMode
	truncated bool
}

// readConfig reads the given file, or the default one if there is one.
func readConfig(path string) (source, error) {
	if path != "" {
		return readFile(path, MaxSize)
	}
	src, err := readFile(DefaultPath, MaxSize)
	if errors.Is(err, fs.ErrNotExist) {
		return source{name: DefaultPath}, nil
	}
	return src, err
}

// errNotRegular stands for what may never end, or never begin, to be read.
var errNotRegular = errors.New("it is not a regular file; a folder, device or FIFO is not read")

// readFile reads at most limit bytes and asks the open file for its mode, so
// that mode and content belong to the same file.
func readFile(path string, limit int64) (source, error) {
	// Before it is opened: to open a FIFO waits for somebody who writes.
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return source{}, &fs.PathError{Op: "open", Path: path, Err: errNotRegular}
	}
	f, err := os.Open(path)
	if err != nil {
		return source{}, err
	}
	defer func() { _ = f.Close() }() // nothing was written
	info, err := f.Stat()
	if err != nil {
		return source{}, err
	}
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return source{}, err
	}
	src := source{name: path, data: data, mode: info.Mode()}
	if int64(len(data)) > limit {
		src.data, src.truncated = nil, true
	}
	return src, nil
}

// warnReadable warns if the file with the secret at the place given, if any,
// can be read by others. Windows has no such modes.
func (l *loader) warnReadable(mode fs.FileMode, at place) {
	const groupOrOthersRead = 0o044
	if at.key == "" || mode&groupOrOthersRead == 0 || runtime.GOOS == "windows" {
		return
	}
	l.warn(at, "a secret in a file that the group or others can read (mode %04o); chmod 600 it", mode.Perm())
}
