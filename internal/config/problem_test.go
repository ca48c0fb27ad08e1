package config_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/config"
)

// inApp puts a line into a complete App section, as line 4.
func inApp(line string) string {
	return "apps:\n  - sdkappid: 7\n    key: ab\n    " + line + "\n"
}

const (
	callback = "apps[0].callback"
	delivery = "apps[0].delivery"
	endpoint = "apps[0].endpoints[0]"
	noSecret = "is no signing secret, which is whsec_ and the base64 of 24 to 64 random bytes; make one: echo whsec_$(openssl rand -base64 32)"
	useSize  = "use a size from 32MB to 1000GB, such as 200MB: a whole number with kB, MB, GB, KiB, MiB or GiB, or of bytes"
)

func TestEveryMistakeNamesLineKeyAndWhatIsAllowed(t *testing.T) {
	tests := []struct{ name, text, want string }{
		// The form of the file.
		{"unknown key", "lisen: x", `callboard.yaml:1: unknown key "lisen"; use listen, database, tls, egress, memory, retention or apps`},
		{"later key", inApp("policy: {}"), `callboard.yaml:4: apps[0]: unknown key "policy"; use sdkappid, key, key_file, administrators, tokens, production, dissolve, callback, delivery, endpoints, limits, max_rooms or feed`},
		{"merge key", inApp("<<: {production: true}"), `callboard.yaml:4: apps[0]: unknown key "<<"; use sdkappid, key, key_file, administrators, tokens, production, dissolve, callback, delivery, endpoints, limits, max_rooms or feed`},
		{"key that is a list", "? [a]\n: b", `callboard.yaml:1: a key must be one of listen, database, tls, egress, memory, retention or apps`},
		{"key twice", "listen: 127.0.0.1:1\ndatabase: sqlite:a\nlisten: 127.0.0.1:2", `callboard.yaml:3: listen: stands twice; the first is on line 1`},
		{"no section", "tls: x", `callboard.yaml:1: tls: must be a section with the keys certificate and key`},
		{"no mapping", "- a", `callboard.yaml:1: must be a section with the keys listen, database, tls, egress, memory, retention and apps`},
		{"no list", "apps: {}", `callboard.yaml:1: apps: must be a list, such as [] or lines that begin with -`},
		{"no text", "listen: [a]", `callboard.yaml:1: listen: must be a text, not a list or section`},
		{"limits", inApp("limits: 200"), `callboard.yaml:4: apps[0].limits: "200" is not allowed; use off or documented`},
		{"max_rooms", inApp("max_rooms: 1000001"), `callboard.yaml:4: apps[0].max_rooms: "1000001" is not allowed; use a whole number from 0 to 1000000, without quotes`},
		{"bool for text", inApp("administrators: [true]"), `callboard.yaml:4: apps[0].administrators[0]: must be a text; put quotes around it`},
		{"no value", "tls:", `callboard.yaml:1: tls: has no value; write one or remove the key`},
		{"tag", "listen: !x y", `callboard.yaml:1: listen: a tag (!…) is not allowed; put quotes around a text that begins with !`},
		{"syntax", "listen: [a\nb: c", `callboard.yaml:2: is not valid YAML: did not find expected ',' or ']' (while parsing a flow sequence)`},
		{"alias without anchor", inApp("administrators: *s3cret"), `callboard.yaml:4: an alias without its anchor above; put quotes around a text that begins with *`},
		{"alias to itself", "apps: &a [*a]", `callboard.yaml:1: apps[0]: must be a section with the keys sdkappid, key, key_file, administrators, tokens, production, dissolve, callback, delivery, endpoints, limits, max_rooms and feed`},
		{"two documents", "listen: 127.0.0.1:1\n---\nlisten: 127.0.0.1:2", `callboard.yaml:2: a second document begins here; one file holds one document`},
		{"two documents, one broken", "listen: 127.0.0.1:1\n---\n[", `callboard.yaml:4: is not valid YAML: did not find expected node content (while parsing a flow node)`},
		{"not UTF-8", "listen: a\n# \xff", `callboard.yaml:2: is not UTF-8; save the file as UTF-8 text`},
		{"control character", "\n\nlisten: \x00", `callboard.yaml:3: holds the control character U+0000; remove it`},
		{"too deep", strings.Repeat("[", 100_000), `callboard.yaml:1: is not valid YAML: exceeded max depth of 64 (while increasing flow level)`},
		{"too large", strings.Repeat("#", config.MaxSize+1), `callboard.yaml: is larger than 1 MiB (1048576 bytes), the limit`},
		// The server.
		{"listen without port", "listen: 127.0.0.1", `callboard.yaml:1: listen: "127.0.0.1" is not allowed; use host:port with a port from 0 to 65535, such as 127.0.0.1:8080 or [::1]:8080`},
		{"database", "database: mysql://u:pw@h", `callboard.yaml:1: database: is not a database that Callboard knows; use sqlite:PATH or postgres://USER@HOST/DB`},
		{"database of another case", "database: Postgres://u@h/d", `callboard.yaml:1: database: is not a database that Callboard knows; use sqlite:PATH or postgres://USER@HOST/DB`},
		{"database without host", "database: postgres:///live", `callboard.yaml:1: database: has no host; use sqlite:PATH or postgres://USER@HOST/DB`},
		{"database with a port of nobody", "database: postgres://u:s3cret@h:0/live", `callboard.yaml:1: database: has no valid port; use one from 1 to 65535, such as postgres://USER@HOST:5432/DB`},
		{"database with a raw @ and %", "database: postgres://u:s3%cr@et@h/live", `callboard.yaml:1: database: is not a URL that can be read; in a password, write what is neither letter nor digit percent-encoded, such as %40 for @; use sqlite:PATH or postgres://USER@HOST/DB`},
		{"database with a raw #", "database: 'postgres://u:1#2@h/live'", `callboard.yaml:1: database: must not have a #; write it percent-encoded, as %23`},
		{"database without path", "database: 'sqlite:'", `callboard.yaml:1: database: has no usable path behind sqlite:; use sqlite:PATH or postgres://USER@HOST/DB`},
		{"half of tls", "tls: {certificate: c}", `callboard.yaml:1: tls: certificate and key go together; give both or neither`},
		{"address for range", "egress: {allow: [10.0.0.5]}", `callboard.yaml:1: egress.allow[0]: "10.0.0.5" is not allowed; use a range; a single address is 10.0.0.5/32`},
		{"range with host bits", "egress: {deny: [10.0.0.5/8]}", `callboard.yaml:1: egress.deny[0]: "10.0.0.5/8" is not allowed; it has bits behind its length; use 10.0.0.0/8`},
		{"mapped range", "egress: {deny: ['::ffff:10.0.0.0/104']}", `callboard.yaml:1: egress.deny[0]: "::ffff:10.0.0.0/104" is not allowed; write an IPv4 range as IPv4`},
		{"no range", "egress: {deny: [lan]}", `callboard.yaml:1: egress.deny[0]: "lan" is not allowed; use a range such as 10.0.0.0/8 or fd00::/8`},
		{"memory without unit", "memory: 200", `callboard.yaml:1: memory: "200" is not allowed; ` + useSize},
		{"memory too small", "memory: 31999kB", `callboard.yaml:1: memory: "31999kB" is not allowed; ` + useSize},
		{"memory in letters", "memory: lots", `callboard.yaml:1: memory: "lots" is not allowed; ` + useSize},
		{"memory from a variable", "memory: '${SECRET}'", `callboard.yaml:1: memory: the value of "${SECRET}" is not allowed; ` + useSize},
		{"memory as a list", "memory: [200MB]", `callboard.yaml:1: memory: must be a size, not a list or section`},
		{"memory without value", "memory:", `callboard.yaml:1: memory: has no value; write one or remove the key`},
		{"retention as one duration", "retention: 7d", `callboard.yaml:1: retention: must be a section with the keys log and dead`},
		{"retention of something else", "retention: {attempts: 1h}", `callboard.yaml:1: retention: unknown key "attempts"; use log or dead`},
		{"retention in days", "retention: {log: 7d}", `callboard.yaml:1: retention.log: "7d" is not allowed; use a duration from 1m to 87600h with its unit (h, m or s), such as 24h`},
		{"retention too short", "retention:\n  log: 59s", `callboard.yaml:2: retention.log: "59s" is not allowed; use a duration from 1m to 87600h with its unit (h, m or s), such as 24h`},
		{"retention too long", "retention: {log: 87600h1s}", `callboard.yaml:1: retention.log: "87600h1s" is not allowed; use a duration from 1m to 87600h with its unit (h, m or s), such as 24h`},
		{"dead letters too short", "retention: {dead: 59s}", `callboard.yaml:1: retention.dead: "59s" is not allowed; use a duration of at least 1m with its unit (h, m or s), such as 24h`},
		{"retention as a list", "retention: {dead: [1h]}", `callboard.yaml:1: retention.dead: must be a duration, not a list or section`},
		// An App.
		{"empty app", "apps: [{}]", "callboard.yaml:1: apps[0]: has no sdkappid; add one from 1 to 4294967295\n" +
			"callboard.yaml:1: apps[0]: has neither key nor key_file; give exactly one of them"},
		{"sdkappid zero", "apps: [{key: ab, sdkappid: 0}]", `callboard.yaml:1: apps[0].sdkappid: "0" is not allowed; use a whole number from 1 to 4294967295, without quotes`},
		{"sdkappid too large", "apps: [{key: ab, sdkappid: 4294967296}]", `callboard.yaml:1: apps[0].sdkappid: "4294967296" is not allowed; use a whole number from 1 to 4294967295, without quotes`},
		{"sdkappid quoted", "apps: [{key: ab, sdkappid: '5'}]", `callboard.yaml:1: apps[0].sdkappid: "5" is not allowed; use a whole number from 1 to 4294967295, without quotes`},
		{"sdkappid octal", "apps: [{key: ab, sdkappid: 010}]", `callboard.yaml:1: apps[0].sdkappid: "010" is not allowed; use a whole number from 1 to 4294967295, without quotes`},
		{"sdkappid twice", "apps:\n- {key: ab, sdkappid: 5}\n- {key: ab, sdkappid: 5}", `callboard.yaml:3: apps[1].sdkappid: 5 stands twice; the first is on line 2`},
		{"empty key", "apps: [{sdkappid: 1, key: ''}]", `callboard.yaml:1: apps[0].key: is empty; copy the secret key of the SDKAppID, or make one of 64 random characters`},
		{"key with a blank", "apps: [{sdkappid: 1, key: a b}]", `callboard.yaml:1: apps[0].key: has a blank, a line end or a character outside ASCII; a key has none`},
		{"long key", "apps: [{sdkappid: 1, key: " + strings.Repeat("ab", 129) + "}]", `callboard.yaml:1: apps[0].key: is longer than 256 characters, the limit`},
		{"key and key_file", inApp("key_file: EMPTY"), `callboard.yaml:4: apps[0].key_file: key and key_file exclude each other; give exactly one of them`},
		{"empty key_file", "apps: [{sdkappid: 1, key_file: EMPTY}]", `callboard.yaml:1: apps[0].key_file: is empty; copy the secret key of the SDKAppID, or make one of 64 random characters`},
		{"large key_file", "apps: [{sdkappid: 1, key_file: LARGE}]", `callboard.yaml:1: apps[0].key_file: the file is too large for a key; 256 characters is the limit`},
		{"missing key_file", "apps: [{sdkappid: 1, key_file: s3cret}]", `callboard.yaml:1: apps[0].key_file: the file cannot be read: no such file or directory`},
		{"weak key", "listen: 0.0.0.0:1\n" + "apps: [{sdkappid: 1, key: aaaa}]", `callboard.yaml:2: apps[0].key: is one character repeated, which is allowed only while listening on loopback; use a real key, or listen on 127.0.0.1`},
		{"administrator twice", inApp("administrators: [a, a]"), `callboard.yaml:4: apps[0].administrators[1]: "a" stands twice in the list; remove one`},
		{"short token", inApp("tokens: [s3cret]"), `callboard.yaml:4: apps[0].tokens[0]: use 16 to 256 visible characters of ASCII; openssl rand -hex 32 makes such a token`},
		{"token with a blank", inApp("tokens: [s3cret s3cret s3cret]"), `callboard.yaml:4: apps[0].tokens[0]: use 16 to 256 visible characters of ASCII; openssl rand -hex 32 makes such a token`},
		{"token twice", inApp("tokens: [s3crets3crets3cret, s3crets3crets3cret]"), `callboard.yaml:4: apps[0].tokens[1]: stands twice in the list; remove one`},
		{"token twice with another right", inApp("tokens: [s3crets3crets3cret, {token: s3crets3crets3cret, may: read}]"), `callboard.yaml:4: apps[0].tokens[1]: stands twice in the list; remove one`},
		{"token without a right", inApp("tokens: [{token: s3crets3crets3cret}]"), `callboard.yaml:4: apps[0].tokens[0]: has no may; add may: read or may: operate`},
		{"right without a token", inApp("tokens: [{may: read}]"), `callboard.yaml:4: apps[0].tokens[0]: has no token; add one, or write the token alone instead of a section`},
		{"another right", inApp("tokens: [{token: s3crets3crets3cret, may: write}]"), `callboard.yaml:4: apps[0].tokens[0].may: "write" is not allowed; use read or operate`},
		{"another key of a token", inApp("tokens: [{token: s3crets3crets3cret, can: read}]"), "callboard.yaml:4: apps[0].tokens[0]: unknown key \"can\"; use token or may\ncallboard.yaml:4: apps[0].tokens[0]: has no may; add may: read or may: operate"},
		{"short token in a section", inApp("tokens: [{token: s3cret, may: read}]"), `callboard.yaml:4: apps[0].tokens[0].token: use 16 to 256 visible characters of ASCII; openssl rand -hex 32 makes such a token`},
		{"many tokens", inApp("tokens: [" + manyTokens(17) + "]"), `callboard.yaml:4: apps[0].tokens: has 17 tokens; at most 16 are allowed`},
		{"empty administrator", inApp("administrators: ['']"), `callboard.yaml:4: apps[0].administrators[0]: "" is not allowed; use an identifier of 1 to 32 bytes without blanks around it and without control characters`},
		{"production", inApp("production: yes"), `callboard.yaml:4: apps[0].production: "yes" is not allowed; use true or false, without quotes`},
		{"unset variable", inApp("administrators: ['${ADMIN}']"), `callboard.yaml:4: apps[0].administrators[0]: the environment variable ADMIN is not set or empty`},
		// The callback.
		{"no url", inApp("callback: {commands: []}"), "callboard.yaml:4: " + callback + ": has no url; add one, or remove the section to leave callbacks as REST sets them"},
		{"url scheme", inApp("callback: {commands: [], url: 'ftp://h/?t=s3cret'}"), "callboard.yaml:4: " + callback + ".url: must begin with http:// or https://; use one such as https://www.example.com/callback"},
		{"url without host", inApp("callback: {commands: [], url: 'http:///x'}"), "callboard.yaml:4: " + callback + ".url: has no valid host and port; use one such as https://www.example.com/callback"},
		{"url broken", inApp("callback: {commands: [], url: 'http://h:s3cret'}"), "callboard.yaml:4: " + callback + ".url: is not a URL; use one such as https://www.example.com/callback"},
		{"url with fragment", inApp("callback: {commands: [], url: 'http://h/#'}"), "callboard.yaml:4: " + callback + ".url: must not have a fragment (#); remove it"},
		{"url with blank", inApp("callback: {commands: [], url: 'http://h/ '}"), "callboard.yaml:4: " + callback + ".url: has a blank or another character that cannot be printed; write it percent-encoded, a blank as %20"},
		{"url with a foreign host", inApp("callback: {commands: [], url: 'http://hö/'}"), "callboard.yaml:4: " + callback + ".url: has no valid host and port; use one such as https://www.example.com/callback"},
		{"too many commands", inApp("callback: {url: http://h, commands: [" + manyCommands(201) + "]}"), "callboard.yaml:4: " + callback + ".commands: has 201 commands; at most 200 are allowed"},
		{"url too long", inApp("callback: {commands: [], url: 'http://h/" + strings.Repeat("a", 2048) + "'}"), "callboard.yaml:4: " + callback + ".url: is longer than 2048 bytes, the limit"},
		{"command", inApp("callback: {url: http://h, commands: ['a b']}"), "callboard.yaml:4: " + callback + `.commands[0]: "a b" is not allowed; use a callback command such as Live.CallbackAfterModifyAdmin`},
		{"long token", inApp("callback: {url: http://h, commands: [], token: " + strings.Repeat("ä", 129) + "}"), "callboard.yaml:4: " + callback + ".token: is longer than 128 characters, the limit"},
		{"signing secret", inApp("callback: {url: http://h, commands: [], signing_secrets: [s3cret]}"), "callboard.yaml:4: " + callback + ".signing_secrets[0]: " + noSecret},
		{"short signing secret", inApp("callback: {url: http://h, commands: [], signing_secrets: [whsec_czNjcmV0]}"), "callboard.yaml:4: " + callback + ".signing_secrets[0]: " + noSecret},
		{"signing secret twice", inApp("callback: {url: http://h, commands: [], signing_secrets: [" + whsec("a") + ", " + whsec("a") + "]}"), "callboard.yaml:4: " + callback + ".signing_secrets[1]: stands twice in the list; remove one"},
		{"three signing secrets", inApp("callback: {url: http://h, commands: [], signing_secrets: [" + whsec("a") + ", " + whsec("b") + ", " + whsec("c") + "]}"), "callboard.yaml:4: " + callback + ".signing_secrets: has 3 secrets; at most 2 are live at one time: the new one and, while receivers change, the old one"},
		{"half of callback tls", inApp("callback: {url: https://h, commands: [], tls: {key: k}}"), "callboard.yaml:4: " + callback + ".tls: certificate and key go together; give both or neither"},
		// Endpoints.
		{"endpoint without name", inApp("endpoints: [{url: http://h}]"), "callboard.yaml:4: " + endpoint + ": has no name; add one"},
		{"endpoint without url", inApp("endpoints: [{name: a}]"), "callboard.yaml:4: " + endpoint + ": has no url; add one"},
		{"name of an endpoint", inApp("endpoints: [{name: Audit, url: http://h}]"), "callboard.yaml:4: " + endpoint + `.name: "Audit" is not allowed; use 1 to 32 of a-z, 0-9 and -, such as audit`},
		{"long name of an endpoint", inApp("endpoints: [{name: " + strings.Repeat("a", 33) + ", url: http://h}]"), "callboard.yaml:4: " + endpoint + `.name: "` + strings.Repeat("a", 33) + `" is not allowed; use 1 to 32 of a-z, 0-9 and -, such as audit`},
		{"endpoint twice", inApp("endpoints: [{name: a, url: http://h}, {name: a, url: http://h}]"), `callboard.yaml:4: apps[0].endpoints[1].name: "a" stands twice; the first is on line 4`},
		{"too many endpoints", inApp("endpoints: [" + manyEndpoints(9) + "]"), "callboard.yaml:4: apps[0].endpoints: has 9 endpoints; at most 8 are allowed"},
		{"url of an endpoint", inApp("endpoints: [{name: a, url: 'ftp://h/?t=s3cret'}]"), "callboard.yaml:4: " + endpoint + ".url: must begin with http:// or https://; use one such as https://www.example.com/callback"},
		{"secret of an endpoint", inApp("endpoints: [{name: a, url: http://h, signing_secrets: [s3cret]}]"), "callboard.yaml:4: " + endpoint + ".signing_secrets[0]: " + noSecret},
		{"half of an endpoint's tls", inApp("endpoints: [{name: a, url: https://h, tls: {key: k}}]"), "callboard.yaml:4: " + endpoint + ".tls: certificate and key go together; give both or neither"},
		{"profile of an endpoint", inApp("endpoints: [{name: a, url: http://h, delivery: {profile: fast}}]"), "callboard.yaml:4: " + endpoint + `.delivery.profile: "fast" is not allowed; use durable or cloud`},
		{"no url and no endpoint", inApp("callback: {commands: []}\n    endpoints: []"), "callboard.yaml:4: " + callback + ": has no url; add one, or remove the section to leave callbacks as REST sets them"},
		// Delivery.
		{"profile", inApp("delivery: {profile: fast}"), "callboard.yaml:4: " + delivery + `.profile: "fast" is not allowed; use durable or cloud`},
		{"profile from a variable", inApp("delivery: {profile: '${SECRET}'}"), "callboard.yaml:4: " + delivery + `.profile: the value of "${SECRET}" is not allowed; use durable or cloud`},
		{"answers", inApp("delivery: {answers: no}"), "callboard.yaml:4: " + delivery + `.answers: "no" is not allowed; use lenient or strict`},
		{"timeout without unit", inApp("delivery: {timeout: 5}"), "callboard.yaml:4: " + delivery + `.timeout: "5" is not allowed; use a duration above zero with its unit, such as 500ms, 5s or 24h`},
		{"timeout zero", inApp("delivery: {timeout: 0s}"), "callboard.yaml:4: " + delivery + `.timeout: "0s" is not allowed; use a duration above zero with its unit, such as 500ms, 5s or 24h`},
		{"concurrency", inApp("delivery: {concurrency: 1025}"), "callboard.yaml:4: " + delivery + `.concurrency: "1025" is not allowed; use a whole number from 1 to 1024, without quotes`},
		{"dissolved at once", inApp("dissolve: {empty: 0}"), `callboard.yaml:4: apps[0].dissolve.empty: "0" is not allowed; use a duration from 1s to 24h with its unit (h, m or s), such as 24h`},
		{"dissolved never", inApp("dissolve: {empty: 24h1s}"), `callboard.yaml:4: apps[0].dissolve.empty: "24h1s" is not allowed; use a duration from 1s to 24h with its unit (h, m or s), such as 24h`},
		{"dissolved early in production", inApp("dissolve: {empty: 9m59s}\n    production: true"), `callboard.yaml:4: apps[0].dissolve.empty: "9m59s" is not allowed; use a duration from 10m to 24h with its unit (h, m or s), such as 24h`},
		{"owner away in production", inApp("production: true\n    dissolve: {owner_left: 1m}"), `callboard.yaml:5: apps[0].dissolve.owner_left: "1m" is not allowed; use a duration from 2m to 12h, or 0, with its unit (h, m or s), such as 24h`},
		{"dissolve as a duration", inApp("dissolve: 30m"), `callboard.yaml:4: apps[0].dissolve: must be a section with the keys empty and owner_left`},
		{"giving up at once", inApp("delivery: {give_up_after: 999ms}"), "callboard.yaml:4: " + delivery + `.give_up_after: "999ms" is not allowed; use a duration of at least 1s with its unit (h, m or s), such as 24h`},
		{"giving up without unit", inApp("delivery: {give_up_after: 24}"), "callboard.yaml:4: " + delivery + `.give_up_after: "24" is not allowed; use a duration of at least 1s with its unit (h, m or s), such as 24h`},
		// Several at once.
		{"all are listed", "listen: x\nnope: 1\n" + inApp("delivery: {profile: fast, timeout: -1s}"),
			`callboard.yaml:1: listen: "x" is not allowed; use host:port with a port from 0 to 65535, such as 127.0.0.1:8080 or [::1]:8080` + "\n" +
				`callboard.yaml:2: unknown key "nope"; use listen, database, tls, egress, memory, retention or apps` + "\n" +
				"callboard.yaml:6: " + delivery + `.profile: "fast" is not allowed; use durable or cloud` + "\n" +
				"callboard.yaml:6: " + delivery + `.timeout: "-1s" is not allowed; use a duration above zero with its unit, such as 500ms, 5s or 24h`},
	}
	inFolder(t)
	env := environment(map[string]string{"SECRET": "s3cret"})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := os.WriteFile("callboard.yaml", []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, _, err := config.Load(config.Options{Getenv: env})
			if err == nil {
				t.Fatal("got no error")
			}
			if diff := cmp.Diff(err.Error(), tt.want); diff != "" {
				t.Errorf("got (-), want (+):\n%s", diff)
			}
			if strings.Contains(err.Error(), "s3cret") {
				t.Error("the message repeats a secret")
			}
		})
	}
}

func manyCommands(n int) string {
	words := make([]string, n)
	for i := range words {
		words[i] = fmt.Sprintf("Live.Command%d", i)
	}
	return strings.Join(words, ", ")
}

// whsec is the signing secret of 32 equal letters.
func whsec(letter string) string {
	return "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat(letter, 32)))
}

func manyEndpoints(n int) string {
	sections := make([]string, n)
	for i := range sections {
		sections[i] = fmt.Sprintf("{name: e%d, url: http://h}", i)
	}
	return strings.Join(sections, ", ")
}

// inFolder makes a new folder with key files the working folder.
func inFolder(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"EMPTY": "\n", "LARGE": strings.Repeat("k", 1000)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
}

func TestEnvironmentAndFlagsAreCheckedUnderTheirNames(t *testing.T) {
	_, _, err := config.Load(config.Options{
		Path:     write(t, "callboard.yaml", "apps: []"),
		Listen:   "no port",
		Database: "mysql://pw",
		Getenv: environment(map[string]string{
			config.EnvDatabase: "db", config.EnvEgressDeny: "10.0.0.0/8, lan", config.EnvTLSKey: "k.pem",
			config.EnvMemory: "1TB",
		}),
	})
	const known = "is not a database that Callboard knows; use sqlite:PATH or postgres://USER@HOST/DB\n"
	want := "CALLBOARD_DATABASE: " + known +
		`--listen: "no port" is not allowed; use host:port with a port from 0 to 65535, such as 127.0.0.1:8080 or [::1]:8080` + "\n" +
		"--database: " + known +
		`CALLBOARD_EGRESS_DENY: "lan" is not allowed; use a range such as 10.0.0.0/8 or fd00::/8` + "\n" +
		`CALLBOARD_MEMORY: "1TB" is not allowed; ` + useSize + "\n" +
		"CALLBOARD_TLS_KEY: certificate and key go together; give both or neither"
	if err == nil {
		t.Fatal("got no error")
	}
	if diff := cmp.Diff(err.Error(), want); diff != "" {
		t.Errorf("got (-), want (+):\n%s", diff)
	}
}

func TestAliasesCannotUnfoldWithoutEnd(t *testing.T) {
	tests := map[string]string{
		"lists":        "apps:\n- &a {administrators: [" + strings.Repeat("x,", 30_000) + "]}\n" + strings.Repeat("- *a\n", 50_000),
		"unknown keys": "apps:\n- &a {" + strings.Repeat("x: 1,", 30_000) + "}\n" + strings.Repeat("- *a\n", 50_000),
		"long texts":   "apps:\n- {administrators: [&a '$$" + strings.Repeat("x", 500_000) + "'" + strings.Repeat(", *a", 50_000) + "]}\n",
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			_, _, err := load(t, text, nil)
			var problems *config.Error
			if !errors.As(err, &problems) {
				t.Fatalf("got %v, want an *Error", err)
			}
			if len(problems.Problems) > 100 || problems.Omitted == 0 {
				t.Errorf("got %d problems and %d omitted, want at most 100 and the rest counted", len(problems.Problems), problems.Omitted)
			}
			if len(err.Error()) > 64<<10 {
				t.Errorf("the message has %d bytes", len(err.Error()))
			}
		})
	}
}

func TestAnAliasRepeatsASection(t *testing.T) {
	cfg := mustLoad(t, "apps:\n- {sdkappid: 1, key: ab, delivery: &d {timeout: 9s}}\n- {sdkappid: 2, key: ab, delivery: *d}\n", nil)
	if diff := cmp.Diff(cfg.Apps[1].Delivery, cfg.Apps[0].Delivery); diff != "" {
		t.Errorf("got (-), want (+):\n%s", diff)
	}
}

func TestWeakKeysAreForLoopbackOnly(t *testing.T) {
	const text = "apps: [{sdkappid: 1, key: '0000'}]"
	for listen, allowed := range map[string]bool{"127.0.0.1:0": true, "localhost:1": true, ":8080": false, "10.0.0.1:1": false} {
		_, _, err := load(t, text, map[string]string{config.EnvListen: listen})
		if (err == nil) != allowed {
			t.Errorf("listening on %s: got %v, want allowed: %v", listen, err, allowed)
		}
	}
}

func TestWarningsNameWhatHasNoEffect(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"unknown command", "{url: http://h, commands: [Room.X]}", `apps[0].callback.commands: "Room.X" is no callback command of Live; it is kept and never sent`},
		{"letter case", "{url: http://h, commands: [live.callbackaftermodifyadmin]}", `apps[0].callback.commands: "live.callbackaftermodifyadmin" is no callback command of Live; did you mean Live.CallbackAfterModifyAdmin?`},
		{"no commands", "{url: http://h}", "apps[0].callback: has no commands, so no callback is sent; list them, or write commands: []"},
		{"tls without https", "{url: http://h, commands: [], tls: {ca: x}}", "apps[0].callback: has tls, which does nothing while the url begins with http://"},
	}
	inFolder(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := os.WriteFile("callboard.yaml", []byte(inApp("callback: "+tt.text)), 0o600); err != nil {
				t.Fatal(err)
			}
			cfg, warnings, err := config.Load(config.Options{Getenv: environment(nil)})
			if err != nil || len(warnings) != 1 {
				t.Fatalf("got %v, %v; want one warning", warnings, err)
			}
			if diff := cmp.Diff(warnings[0].String(), "callboard.yaml:4: "+tt.want); diff != "" {
				t.Errorf("got (-), want (+):\n%s", diff)
			}
			if c := cfg.Apps[0].Callback; strings.Contains(tt.text, "Room.X") && c.Commands[0] != "Room.X" {
				t.Errorf("got commands %q, want Room.X kept", c.Commands)
			}
		})
	}
}

// manyTokens are different ones, half of which may only read.
func manyTokens(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("s3crets3cret%04d", i)
		if i%2 == 0 {
			list[i] = "{token: " + list[i] + ", may: read}"
		}
	}
	return strings.Join(list, ", ")
}
