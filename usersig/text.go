package usersig

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
)

// stdBase64 is the encoding of the values inside the JSON object.
var stdBase64 = base64.StdEncoding.Strict()

// textBase64 is the encoding of the whole UserSig: the standard alphabet with `*`
// for `+` and `-` for `/`, padded with `_` for `=`. It is not the URL alphabet of
// RFC 4648. Spec: accounts-and-clients, section 1.
var textBase64 = base64.
	NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*-").
	WithPadding('_').
	Strict()

// decodeBase64 is enc.DecodeString without its tolerance for line ends, which even
// a strict encoding skips: with it, one value would have endless text forms.
func decodeBase64(enc *base64.Encoding, text string) ([]byte, error) {
	if i := strings.IndexAny(text, "\r\n"); i >= 0 {
		return nil, base64.CorruptInputError(i)
	}
	return enc.DecodeString(text)
}

// compressors holds *zlib.Writer: each is hundreds of kilobytes of tables.
var compressors sync.Pool

// deflate compresses the JSON and returns it in the text form of a UserSig.
func deflate(text []byte) (string, error) {
	w, ok := compressors.Get().(*zlib.Writer)
	if !ok {
		w = zlib.NewWriter(io.Discard)
	}
	defer compressors.Put(w)

	var out bytes.Buffer
	w.Reset(&out)
	if _, err := w.Write(text); err != nil {
		return "", fmt.Errorf("usersig: compress: %w", err)
	}
	if err := w.Close(); err != nil {
		return "", fmt.Errorf("usersig: compress: %w", err)
	}
	return textBase64.EncodeToString(out.Bytes()), nil
}

// inflater is a decompressor with the source that it reads. The source is a
// ByteReader, so the decompressor never reads past the end of the compressed data
// and what is left in the source is trailing data.
type inflater struct {
	source bytes.Reader
	zlib   io.Reader // nil before the first stream with a good header
}

// inflaters holds *inflater: callers that nobody knows decide how many are needed.
var inflaters sync.Pool

// inflate is the reverse of deflate, for input that nobody vouches for.
func inflate(sig string) ([]byte, error) {
	if len(sig) > MaxLen {
		return nil, fmt.Errorf("it has %d bytes; at most %d are allowed", len(sig), MaxLen)
	}
	packed, err := decodeBase64(textBase64, sig)
	if err != nil {
		return nil, fmt.Errorf("base64: %w", err)
	}
	f, ok := inflaters.Get().(*inflater)
	if !ok {
		f = new(inflater)
	}
	defer inflaters.Put(f)
	text, err := f.inflate(packed)
	f.source.Reset(nil) // the pool keeps no one's signature alive
	return text, err
}

func (f *inflater) inflate(packed []byte) ([]byte, error) {
	f.source.Reset(packed)
	if err := f.reset(); err != nil {
		return nil, fmt.Errorf("zlib header: %w", err)
	}
	// One byte above the limit tells too much from just enough. Reading up to the
	// end of the stream is what makes zlib compare its checksum.
	text, err := io.ReadAll(io.LimitReader(f.zlib, MaxInflated+1))
	if err != nil {
		return nil, fmt.Errorf("inflate: %w", err)
	}
	if len(text) > MaxInflated {
		return nil, fmt.Errorf("it inflates to more than %d bytes", MaxInflated)
	}
	if f.source.Len() > 0 {
		return nil, errors.New("data follows the compressed data")
	}
	return text, nil
}

// reset makes the decompressor read the source from its start.
func (f *inflater) reset() error {
	if r, ok := f.zlib.(zlib.Resetter); ok {
		return r.Reset(&f.source, nil)
	}
	r, err := zlib.NewReader(&f.source)
	if err != nil {
		return err
	}
	f.zlib = r
	return nil
}
