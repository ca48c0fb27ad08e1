package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// release is the version of this source; a build of a tagged module names its tag instead.
const release = "0.1.0-dev"

type versionCommand struct{}

// Run prints version, Go version and platform on one line.
func (versionCommand) Run(std streams) error {
	_, err := fmt.Fprintf(std.out, "callboard %s %s %s/%s\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return release
}
