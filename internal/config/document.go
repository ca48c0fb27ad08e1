package config

import (
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"
)

// maxDepth bounds nesting; the deepest key needs about ten levels.
const maxDepth = 64

// parse gives the root of the only document, nil if there is none or it is
// not YAML. Aliases stay aliases: nothing is expanded here.
func (l *loader) parse(data []byte) *yaml.Node {
	if !l.plainText(data) {
		return nil
	}
	docs, err := yaml.NewLoader(bytes.NewReader(data), yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(maxDepth))))
	if err != nil {
		l.refuse(place{file: l.file}, "cannot be parsed as YAML: %v", err)
		return nil
	}
	var first, second yaml.Node
	if err := docs.Load(&first); err != nil {
		l.refuseSyntax(err)
		return nil
	}
	if err := docs.Load(&second); err == nil {
		l.refuse(place{file: l.file, line: second.Line}, "a second document begins here; one file holds one document")
		return nil
	} else if !errors.Is(err, io.EOF) {
		l.refuseSyntax(err)
		return nil
	}
	if first.Kind != yaml.DocumentNode || len(first.Content) != 1 {
		return nil
	}
	return first.Content[0]
}

// plainText refuses what the parser would either refuse without a line or
// read in another encoding.
func (l *loader) plainText(data []byte) bool {
	line := 1
	for rest := data; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		at := place{file: l.file, line: line}
		switch {
		case r == utf8.RuneError && size == 1:
			l.refuse(at, "is not UTF-8; save the file as UTF-8 text")
			return false
		case r == '\n':
			line++
		case r < ' ' && r != '\t' && r != '\r', r == 0x7f:
			l.refuse(at, "holds the control character %U; remove it", r)
			return false
		}
		rest = rest[size:]
	}
	return true
}

// refuseSyntax turns the parser's error into a problem with a line. A file
// without any document is no error.
func (l *loader) refuseSyntax(err error) {
	if errors.Is(err, io.EOF) {
		return
	}
	var syntax *yaml.LoadError
	if !errors.As(err, &syntax) {
		l.refuse(place{file: l.file}, "cannot be parsed as YAML")
		return
	}
	at := place{file: l.file, line: syntax.Mark.Line}
	if syntax.Stage == yaml.ComposerStage {
		// The parser's message has the text behind the star, which can be
		// a secret that lacks its quotes.
		l.refuse(at, "an alias without its anchor above; put quotes around a text that begins with *")
		return
	}
	message := syntax.Message
	if syntax.ContextMsg != "" {
		message += " (" + syntax.ContextMsg + ")"
	}
	l.refuse(at, "is not valid YAML: %s", message)
}
