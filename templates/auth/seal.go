package auth

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A sealed value is the unpadded base64url of
//
//	version (1) | key id (4) | UTC day (2) | nonce (12) | ciphertext | tag (16)
//
// encrypted with AES-256-GCM. The key is derived with HKDF-SHA256 from one of the
// configured keys, for a purpose and a day: a value sealed for one purpose cannot
// be opened for another, and no key comes near the 2^32 values that random nonces
// allow. The version, key id, day, purpose and application are authenticated as
// additional data.
const (
	sealVersion  = 1
	sealHeader   = 1 + 4 + 2
	sealOverhead = sealHeader + 12 + 16
	maxPlaintext = 256
	maxSealed    = (maxPlaintext + sealOverhead + 2) / 3 * 4
)

// errSealed is the only error of open.
var errSealed = errors.New("not a sealed value of this application")

// sealer seals and opens values for one purpose. It is safe for concurrent use.
type sealer struct {
	ring    []*sealKey // the first key seals
	info    string     // HKDF info, without the day
	bound   []byte     // additional data after the header
	maxDays int64      // maximum age of a value
}

// sealKey is a configured key with a cache of the keys that a sealer derived from
// it, by day.
type sealKey struct {
	secret Key
	id     [4]byte
	days   [64]atomic.Pointer[dayKey]
}

type dayKey struct {
	day  uint16
	aead cipher.AEAD
}

// newSealer returns a sealer whose values are valid for at most maxAge. Another
// application cannot open them, even with the same keys.
func newSealer(keys []Key, purpose, application string, maxAge time.Duration) (*sealer, error) {
	if len(keys) == 0 {
		return nil, errors.New("none; " + makeKey)
	}
	s := &sealer{
		info:    "auth/v1/" + purpose,
		bound:   []byte("\x00" + purpose + "\x00" + application),
		maxDays: int64(maxAge/(24*time.Hour)) + 1,
	}
	for i, k := range keys {
		if err := k.check(); err != nil {
			return nil, fmt.Errorf("key %d: %w", i+1, err)
		}
		id, err := hkdf.Key(sha256.New, k[:], nil, "auth/v1/key id", 4)
		if err != nil {
			return nil, err
		}
		sk := &sealKey{secret: k, id: [4]byte(id)}
		for j, other := range s.ring {
			if other.id == sk.id {
				return nil, fmt.Errorf("keys %d and %d are the same", j+1, i+1)
			}
		}
		s.ring = append(s.ring, sk)
	}
	return s, nil
}

// buffers are the buffers of open, kept so that it does not allocate.
type buffers struct {
	text   [maxSealed]byte
	binary [maxPlaintext + sealOverhead]byte
	plain  [maxPlaintext]byte
	bound  []byte
}

var bufferPool = sync.Pool{New: func() any { return new(buffers) }}

// seal returns the sealed form of plaintext. It panics if plaintext is longer than
// maxPlaintext.
func (s *sealer) seal(plaintext []byte, now time.Time) string {
	if len(plaintext) > maxPlaintext {
		panic("auth: plaintext too long to seal")
	}
	key := s.ring[0]
	day := dayOf(now)
	out := make([]byte, 0, sealOverhead+len(plaintext))
	out = append(out, sealVersion)
	out = append(out, key.id[:]...)
	out = binary.BigEndian.AppendUint16(out, uint16(day))
	bound := append(bytes.Clone(out), s.bound...)
	out = key.derive(s.info, uint16(day)).Seal(out, nil, plaintext, bound)
	return base64.RawURLEncoding.EncodeToString(out)
}

// open passes the plaintext of a sealed value to use, which must not keep it. It
// does not allocate.
func (s *sealer) open(sealed string, now time.Time, use func(plaintext []byte) error) error {
	// The decoder ignores line breaks, so one value could have many spellings.
	if len(sealed) > maxSealed || strings.IndexByte(sealed, '\r') >= 0 || strings.IndexByte(sealed, '\n') >= 0 {
		return errSealed
	}
	b := bufferPool.Get().(*buffers)
	defer bufferPool.Put(b)

	n := copy(b.text[:], sealed)
	n, err := strictBase64.Decode(b.binary[:], b.text[:n])
	if err != nil || n < sealOverhead {
		return errSealed
	}
	header, rest := b.binary[:sealHeader], b.binary[sealHeader:n]
	if header[0] != sealVersion {
		return errSealed
	}
	// Checking the day before deriving a key keeps forged values cheap.
	day := binary.BigEndian.Uint16(header[5:])
	if age := dayOf(now) - int64(day); age < -1 || age > s.maxDays {
		return errSealed
	}
	for _, key := range s.ring {
		if key.id != [4]byte(header[1:5]) {
			continue
		}
		b.bound = append(append(b.bound[:0], header...), s.bound...)
		plaintext, err := key.derive(s.info, day).Open(b.plain[:0], nil, rest, b.bound)
		if err != nil {
			return errSealed
		}
		return use(plaintext)
	}
	return errSealed
}

var strictBase64 = base64.RawURLEncoding.Strict()

func dayOf(t time.Time) int64 { return t.Unix() / (24 * 60 * 60) }

// derive returns the cipher for one day.
func (k *sealKey) derive(info string, day uint16) cipher.AEAD {
	slot := &k.days[day%uint16(len(k.days))]
	if d := slot.Load(); d != nil && d.day == day {
		return d.aead
	}
	aead, err := newAEAD(k.secret, fmt.Sprintf("%s/%d", info, day))
	if err != nil {
		panic(err) // only possible with a wrong key size
	}
	slot.Store(&dayKey{day, aead})
	return aead
}

func newAEAD(secret Key, info string) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, secret[:], nil, info, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
