// Package config reads the configuration of Callboard: the YAML file, the
// environment and the flags.
//
// It guarantees that a Config returned without an error is complete and keeps
// every rule of this package: defaults are filled in, addresses, ranges, URLs,
// sizes and durations are valid, and no SDKAppID stands twice. All that is wrong is
// reported together, each problem with file, line, key and what is allowed.
// Input is bounded: the file (1 MiB), its nesting, the values visited through
// aliases, the text that the environment adds, and the problems listed.
// Messages never contain a key, a token, a URL or the value of a variable.
//
// Values may contain ${NAME}, which stands for an environment variable, and
// $$, which stands for one dollar sign. They are expanded after the YAML was
// parsed, so a variable can never add a key or change the structure.
// Paths in the file are relative to the working folder.
//
// Load keeps no state and may be called from several goroutines at once; a
// Config is a plain value.
//
// The package does not watch files, read certificates, resolve names, open a
// database or decide which addresses may be called: it carries the settings to
// those who do, and reports what their Options.Check refuses with file, line
// and key. Options for later features are refused as unknown keys.
package config
