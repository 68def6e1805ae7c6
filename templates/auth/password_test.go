//authgen:unit password.go

package auth

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/argon2"
)

// cheap is for tests that do not depend on the cost of hashing.
var cheap = argonParams{memory: 64, time: 1, threads: 1}

func newCheapHasher() *hasher {
	h := newHasher()
	h.params = cheap
	return h
}

// derivation is a recorded computation of a hasher.
type derivation struct {
	params     argonParams
	salt, size int
}

// record makes h record its computations instead of running them.
func (h *hasher) record() *[]derivation {
	var derivations []derivation
	h.derive = func(_, salt []byte, time, memory uint32, threads uint8, size uint32) []byte {
		derivations = append(derivations, derivation{argonParams{memory, time, threads}, len(salt), int(size)})
		return make([]byte, size)
	}
	return &derivations
}

// The parameters of new hashes are at least those that OWASP recommends.
func TestHashCosts(t *testing.T) {
	p := newHasher().params
	if p.memory < 19*1024 || p.time < 2 || p.threads < 1 {
		t.Errorf("the default %+v is too cheap", p)
	}
}

// A hash matches only its own password, to the last character.
func TestHashAndVerify(t *testing.T) {
	h := newCheapHasher()
	const password = "Pass é 😀 word"
	encoded, err := h.hash(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	match, outdated, err := h.verify(t.Context(), encoded, password)
	if !match || outdated || err != nil {
		t.Errorf("right password: match %v, outdated %v, error %v", match, outdated, err)
	}
	for _, other := range []string{
		"", " " + password, password + " ", password + "\x00", password[:len(password)-1], strings.ToLower(password),
		strings.ReplaceAll(password, "é", "e"), strings.ReplaceAll(password, " ", "\u00a0"), password + password,
	} {
		if match, outdated, err := h.verify(t.Context(), encoded, other); match || outdated || err != nil {
			t.Errorf("%q: match %v, outdated %v, error %v", other, match, outdated, err)
		}
	}
}

// Accented letters may be one character or two, both when a password is set and when it
// is checked.
func TestComposedPassword(t *testing.T) {
	h := newCheapHasher()
	composed, decomposed := "zo\u00eb likes cr\u00e8me br\u00fbl\u00e9e", "zoe\u0308 likes cre\u0300me bru\u0302le\u0301e"
	mixed := "zo\u00eb likes cr\u00e8me bru\u0302le\u0301e"
	for _, set := range []string{composed, decomposed, mixed} {
		encoded, err := h.hash(t.Context(), set)
		if err != nil {
			t.Fatal(err)
		}
		for _, given := range []string{composed, decomposed, mixed} {
			if match, outdated, err := h.verify(t.Context(), encoded, given); !match || outdated || err != nil {
				t.Errorf("set as %q, given as %q: match %v, outdated %v, error %v", set, given, match, outdated, err)
			}
		}
		if match, _, err := h.verify(t.Context(), encoded, "zoe likes creme brulee"); match || err != nil {
			t.Errorf("without accents: match %v, error %v", match, err)
		}
	}

	// A hash of the exact bytes, as other programs store it, matches too. It is outdated,
	// so that its replacement also matches the other forms.
	salt := randomBytes(saltSize)
	encoded := encodeHash(h.params, salt, h.run(decomposed, salt, h.params, hashSize))
	if match, outdated, err := h.verify(t.Context(), encoded, decomposed); !match || !outdated || err != nil {
		t.Errorf("a hash of the exact bytes: match %v, outdated %v, error %v", match, outdated, err)
	}
	if match, _, err := h.verify(t.Context(), encoded, composed); match || err != nil {
		t.Errorf("a hash of the exact bytes: match %v for the composed form, error %v", match, err)
	}
}

// The cost of a check depends on the password only, not on whether it is correct or on
// the user, and both forms are tried in one slot.
func TestComposedPasswordCosts(t *testing.T) {
	h := newCheapHasher()
	h.slots = make(chan struct{}, 1)
	for password, hashes := range map[string]int{"cr\u00e8me": 1, "cre\u0300me": 2, "creme": 1} {
		right, err := h.hash(t.Context(), password)
		if err != nil {
			t.Fatal(err)
		}
		salt := randomBytes(saltSize)
		exact := encodeHash(h.params, salt, h.run(password, salt, h.params, hashSize))
		wrong := encodeHash(h.params, salt, randomBytes(hashSize))
		for _, encoded := range []string{right, exact, wrong, "", "junk"} {
			runs := 0
			derive := h.derive
			h.derive = func(password, salt []byte, time, memory uint32, threads uint8, size uint32) []byte {
				if runs++; len(h.slots) != 1 {
					t.Errorf("hashed with %d slots taken, want 1", len(h.slots))
				}
				return derive(password, salt, time, memory, threads, size)
			}
			if _, _, err := h.verify(t.Context(), encoded, password); err != nil && !errors.Is(err, errHash) {
				t.Error(err)
			}
			h.derive = derive
			if runs != hashes {
				t.Errorf("%q with the hash %q: hashed %d times, want %d", password, encoded, runs, hashes)
			}
		}
	}
}

// All of a long password counts, not only the first 72 bytes.
func TestLongPasswords(t *testing.T) {
	h := newCheapHasher()
	head := strings.Repeat("0123456789ab", 6)
	encoded, err := h.hash(t.Context(), head+"and the tail of it")
	if err != nil {
		t.Fatal(err)
	}
	for _, other := range []string{head, head + "and another tail.."} {
		if match, _, err := h.verify(t.Context(), encoded, other); match || err != nil {
			t.Errorf("%q: match %v, error %v", other, match, err)
		}
	}
}

// Hashing the same password again gives another salt and hash.
func TestHashSalt(t *testing.T) {
	h := newCheapHasher()
	hashes, salts := map[string]bool{}, map[string]bool{}
	for range 100 {
		encoded, err := h.hash(t.Context(), "the same password")
		if err != nil {
			t.Fatal(err)
		}
		parts := strings.Split(encoded, "$")
		salts[parts[4]], hashes[parts[5]] = true, true
	}
	if len(hashes) != 100 || len(salts) != 100 {
		t.Errorf("100 hashes: %d different hashes and %d different salts, want 100 of each", len(hashes), len(salts))
	}
}

// Hashes of other implementations match, and are outdated unless their parameters match.
func TestVerifyOutdated(t *testing.T) {
	h := newCheapHasher()
	// From the tests of the reference implementation of Argon2.
	const foreign = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	if match, outdated, err := h.verify(t.Context(), foreign, "password"); !match || !outdated || err != nil {
		t.Errorf("match %v, outdated %v, error %v", match, outdated, err)
	}
	if match, outdated, err := h.verify(t.Context(), foreign, "Password"); match || outdated || err != nil {
		t.Errorf("wrong password: match %v, outdated %v, error %v", match, outdated, err)
	}
	const password = "password"
	for _, test := range []struct {
		about      string
		params     argonParams
		salt, hash int
		outdated   bool
	}{
		{"current", cheap, saltSize, hashSize, false},
		{"other memory", argonParams{128, 1, 1}, saltSize, hashSize, true},
		{"other time", argonParams{64, 2, 1}, saltSize, hashSize, true},
		{"other threads", argonParams{64, 1, 2}, saltSize, hashSize, true},
		{"other salt", cheap, saltSize / 2, hashSize, true},
		{"other size", cheap, saltSize, hashSize / 2, true},
	} {
		salt := randomBytes(test.salt)
		hash := argon2.IDKey([]byte(password), salt, test.params.time, test.params.memory, test.params.threads, uint32(test.hash))
		match, outdated, err := h.verify(t.Context(), encodeHash(test.params, salt, hash), password)
		if !match || outdated != test.outdated || err != nil {
			t.Errorf("%s: match %v, outdated %v, error %v; want a match, outdated %v", test.about, match, outdated, err, test.outdated)
		}
	}
}

// If there is no hash, verify still computes one with the same parameters. It does not
// match, not even if it is equal to the dummy hash.
func TestVerifyWithoutHash(t *testing.T) {
	h := newHasher()
	recorded := h.record()
	h.dummy = encodeHash(h.params, make([]byte, saltSize), make([]byte, hashSize)) // the result of every computation
	if match, outdated, err := h.verify(t.Context(), "", "password"); match || outdated || err != nil {
		t.Errorf("match %v, outdated %v, error %v", match, outdated, err)
	}
	if _, err := h.hash(t.Context(), "password"); err != nil {
		t.Fatal(err)
	}
	if len(*recorded) != 2 || (*recorded)[0] != (*recorded)[1] {
		t.Errorf("derivations %+v, want two equal ones", *recorded)
	}
	// A damaged hash costs the same, so the time reveals nothing.
	if match, _, err := h.verify(t.Context(), "junk", "password"); match || !errors.Is(err, errHash) {
		t.Errorf("damaged hash: match %v, error %v", match, err)
	}
	if len(*recorded) != 3 || (*recorded)[2] != (*recorded)[0] {
		t.Errorf("derivations %+v, want three equal ones", *recorded)
	}
	if p, _, _, err := decodeHash(newHasher().dummy); err != nil || p != argonDefault {
		t.Errorf("the dummy hash has the parameters %+v, want %+v; error %v", p, argonDefault, err)
	}
}

// No hash is computed for invalid input.
func TestInvalidInputIsNotHashed(t *testing.T) {
	a := newOfflineAuth(t)
	recorded := a.hasher.record()
	for _, in := range []Credentials{
		{},
		{Email: "ann@example.org"},
		{Email: "ann", Password: testPassword},
		{Email: "ann@example.org", Password: strings.Repeat("x", maxPasswordLength+1)},
		{Email: "ann@example.org", Password: "\xff\xfe"},
	} {
		var invalid *InputError
		if u, err := a.LogIn(t.Context(), in); !errors.As(err, &invalid) || !u.ID.IsZero() {
			t.Errorf("login as %q: error %v", in.Email, err)
		}
	}
	if _, err := a.CreateUser(t.Context(), NewUser{Email: "ann@example.org", Password: "short", Role: DefaultRole}); err == nil {
		t.Error("created a user with a short password")
	}
	if len(*recorded) != 0 {
		t.Errorf("derivations %+v, want none", *recorded)
	}
}

// decodeHash accepts only results of encodeHash within the limits of memory and time.
func TestDecodeHash(t *testing.T) {
	const salt, hash = "c29tZXNhbHQ", "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	for _, test := range []struct {
		encoded string
		ok      bool
	}{
		{"$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$" + hash, true},
		{"$argon2id$v=19$m=8,t=1,p=1$" + salt + "$" + hash, true},
		{"$argon2id$v=19$m=131072,t=10,p=16$" + salt + "$" + hash, true},

		{"", false},
		{"$", false},
		{"$$$$$", false},
		{"password", false},
		{"$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy", false},
		{"$argon2i$v=19$m=64,t=1,p=1$" + salt + "$" + hash, false},
		{"$argon2d$v=19$m=64,t=1,p=1$" + salt + "$" + hash, false},
		{"$ARGON2ID$v=19$m=64,t=1,p=1$" + salt + "$" + hash, false},
		{"x$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + hash, false},
		{"$argon2id$m=64,t=1,p=1$" + salt + "$" + hash, false},
		{"$argon2id$v=16$m=64,t=1,p=1$" + salt + "$" + hash, false},
		{"$argon2id$v=19$m=64,t=1,p=1$" + salt, false},
		{"$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + hash + "$", false},
		{"$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + hash + "\n", false},
		{"$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + hash + "=", false},
		{"$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + hash[:len(hash)-1] + "5", false}, // trailing bits
		{"$argon2id$v=19$m=64,t=1,p=1$$" + hash, false},
		{"$argon2id$v=19$m=64,t=1,p=1$" + salt + "$", false},
		{"$argon2id$v=19$m=64,t=1,p=1$c2FsdA$" + hash, false},
		{"$argon2id$v=19$m=64,t=1,p=1$" + salt + "$c2hvcnQ", false},
		{"$argon2id$v=19$m=64,t=1,p=1$" + strings.Repeat("YWFh", 22) + "$" + hash, false},
		{"$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + strings.Repeat("YWFh", 22), false},
		{"$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + strings.Repeat("YWFh", 1<<18), false},

		{"$argon2id$v=19$t=1,m=64,p=1$" + salt + "$" + hash, false},
		{"$argon2id$v=19$m=64,t=1$" + salt + "$" + hash, false},
		{"$argon2id$v=19$m=64,t=1,p=1,keyid=x$" + salt + "$" + hash, false},
		{"$argon2id$v=19$m=064,t=1,p=1$" + salt + "$" + hash, false},
		{"$argon2id$v=19$m=+64,t=1,p=1$" + salt + "$" + hash, false},
		{"$argon2id$v=19$m=-64,t=1,p=1$" + salt + "$" + hash, false},
		{"$argon2id$v=19$m= 64,t=1,p=1$" + salt + "$" + hash, false},
		{"$argon2id$v=19$m=0x40,t=1,p=1$" + salt + "$" + hash, false},
		{"$argon2id$v=19$m=7,t=1,p=1$" + salt + "$" + hash, false},
		{"$argon2id$v=19$m=8,t=1,p=2$" + salt + "$" + hash, false},
		{"$argon2id$v=19$m=0,t=1,p=0$" + salt + "$" + hash, false},
		{"$argon2id$v=19$m=64,t=0,p=1$" + salt + "$" + hash, false},
		{"$argon2id$v=19$m=64,t=1,p=0$" + salt + "$" + hash, false},
		{"$argon2id$v=19$m=131073,t=1,p=1$" + salt + "$" + hash, false},
		{"$argon2id$v=19$m=4294967295,t=1,p=1$" + salt + "$" + hash, false},
		{"$argon2id$v=19$m=4294967360,t=1,p=1$" + salt + "$" + hash, false}, // 64 modulo 2^32
		{"$argon2id$v=19$m=64,t=11,p=1$" + salt + "$" + hash, false},
		{"$argon2id$v=19$m=64,t=4294967295,p=1$" + salt + "$" + hash, false},
		{"$argon2id$v=19$m=256,t=1,p=17$" + salt + "$" + hash, false},
		{"$argon2id$v=19$m=256,t=1,p=257$" + salt + "$" + hash, false}, // 1 modulo 2^8
	} {
		p, _, _, err := decodeHash(test.encoded)
		if (err == nil) != test.ok || err != nil && !errors.Is(err, errHash) {
			t.Errorf("%.100s: decoded %+v, error %v; want valid: %t", test.encoded, p, err, test.ok)
		}
	}
}

// A hash above the limits costs no more than the dummy hash.
func TestCostlyHash(t *testing.T) {
	h := newHasher()
	recorded := h.record()
	for _, p := range []argonParams{
		{memory: maxHashMemory + 1, time: 1, threads: 1},
		{memory: 64, time: maxHashTime + 1, threads: 1},
		{memory: 1024, time: 1, threads: maxHashThreads + 1},
		{memory: 256 * 1024, time: 16, threads: 1},
	} {
		*recorded = nil
		match, _, err := h.verify(t.Context(), encodeHash(p, randomBytes(saltSize), randomBytes(hashSize)), "password")
		if match || !errors.Is(err, errHash) || len(*recorded) != 1 || (*recorded)[0].params != argonDefault {
			t.Errorf("%+v: match %v, error %v, derivations %+v", p, match, err, *recorded)
		}
	}
}

// Decoding and encoding a hash returns the same text, and its costs are within the
// limits.
func FuzzDecodeHash(f *testing.F) {
	f.Add(encodeHash(cheap, randomBytes(saltSize), randomBytes(hashSize)))
	f.Add("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4")
	f.Add("$argon2id$v=19$m=4294967296,t=1,p=256$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4")
	f.Add("$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy")
	f.Fuzz(func(t *testing.T, encoded string) {
		p, salt, hash, err := decodeHash(encoded)
		if err != nil {
			return
		}
		if again := encodeHash(p, salt, hash); again != encoded {
			t.Errorf("%q is encoded again as %q", encoded, again)
		}
		if p.memory < 8 || p.memory > maxHashMemory || p.time < 1 || p.time > maxHashTime || p.threads < 1 || p.threads > maxHashThreads {
			t.Errorf("%q has the parameters %+v, which are out of range", encoded, p)
		}
		if len(salt) < 8 || len(salt) > 64 || len(hash) < 16 || len(hash) > 64 {
			t.Errorf("%q has %d bytes of salt and %d of hash, which is out of range", encoded, len(salt), len(hash))
		}
	})
}

// At most as many passwords are hashed at a time as there are slots.
func TestHashSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newCheapHasher()
		h.slots = make(chan struct{}, 2)
		var running, most atomic.Int64
		h.derive = func(_, _ []byte, _, _ uint32, _ uint8, size uint32) []byte {
			n := running.Add(1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			time.Sleep(20 * time.Millisecond)
			running.Add(-1)
			return make([]byte, size)
		}
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				var err error
				if i%2 == 0 {
					_, err = h.hash(t.Context(), "password")
				} else {
					_, _, err = h.verify(t.Context(), "", "password")
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if most.Load() != 2 {
			t.Errorf("at most %d passwords were hashed at a time, want 2", most.Load())
		}
		if len(h.slots) != 0 || h.waiting.Load() != 0 {
			t.Errorf("afterwards %d slots are taken and %d callers wait, want none", len(h.slots), h.waiting.Load())
		}
	})
}

// The queue for a slot is limited in length and time.
func TestHashQueueFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newCheapHasher()
		h.slots = make(chan struct{}, 2)
		leave, err := h.enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		leaveOther, err := h.enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}

		start := time.Now()
		var busy atomic.Int64
		for range queuePerSlot * 2 {
			go func() {
				if _, err := h.enter(t.Context()); errors.Is(err, ErrBusy) && time.Since(start) == queueWait {
					busy.Add(1)
				}
			}()
		}
		synctest.Wait()
		for range 3 {
			if _, err := h.hash(t.Context(), "password"); !errors.Is(err, ErrBusy) {
				t.Errorf("the queue is full: error %v, want %v", err, ErrBusy)
			}
			if _, _, err := h.verify(t.Context(), "", "password"); !errors.Is(err, ErrBusy) {
				t.Errorf("the queue is full: error %v, want %v", err, ErrBusy)
			}
		}
		if waited := time.Since(start); waited != 0 {
			t.Errorf("the queue is full: waited %v for the error", waited)
		}

		time.Sleep(queueWait)
		synctest.Wait()
		if busy.Load() != queuePerSlot*2 {
			t.Errorf("%d of %d callers got ErrBusy after %v, want all", busy.Load(), queuePerSlot*2, queueWait)
		}

		leave()
		leaveOther()
		if _, err := h.hash(t.Context(), "password"); err != nil {
			t.Errorf("when the queue is empty: %v", err)
		}
	})
}

// A canceled caller leaves the queue.
func TestHashQueueCanceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newCheapHasher()
		h.slots = make(chan struct{}, 1)
		leave, err := h.enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		result := make(chan error)
		go func() {
			_, err := h.hash(ctx, "password")
			result <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-result; !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want %v", err, context.Canceled)
		}
		if n := h.waiting.Load(); n != 0 {
			t.Errorf("%d callers still wait", n)
		}
		leave()
		if len(h.slots) != 0 {
			t.Error("the slot is still taken")
		}
	})
}

// The password policy is about length and predictability, not about kinds of characters.
func TestCheckPassword(t *testing.T) {
	const email = "ann.of.green.gables@example.org"
	a := newOfflineAuth(t, func(c *Config) { c.PasswordContextWords = []string{"Example Industries Ltd"} })
	emoji := "😀😃😄😁😆😅🤣😂🙂🙃😉😊😇🥰😍"
	varied := strings.Repeat("0123456789 abcdefghijklmnopqrstuvwxyz!", 7)[:maxPasswordLength]
	for _, test := range []struct{ password, want string }{
		{"fourteen-chars!"[:14], "too short"},
		{"fifteen-chars!!", ""},
		{emoji[:len(emoji)-len("😍")], "too short"},
		{emoji, ""},
		{"only lower case letters", ""},
		{"482915730264918", ""},
		{"  spaces at the ends count  ", ""},
		{"tab\tand\x00control", ""},
		{"ein längeres Kennwort", ""},
		{strings.Repeat("e\u0301", 4) + "1234567890", "too short"}, // four bytes per character
		{strings.Repeat("e\u0301", 15), "common"},
		{varied, ""},
		{varied + "x", "too long"},
		{strings.Repeat("ä", 128) + strings.Repeat("ö", 128), ""},
		{strings.Repeat("x", 1<<20), "too long"},
		{"", "missing"},
		{"x", "too short"},
		{"not UTF-8, but long \xff", "not valid"},
		{"half a surrogate \xed\xa0\x80", "not valid"},

		{"               ", "common"},
		{"aaaaaaaaaaaaaaa", "common"},
		{"AAAAAAAAAAAAAAA", "common"},
		{"abcabcabcabcabca", "common"},
		{"passwordPASSWORDpassword", "common"},
		{"😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀", "common"},
		{"123456789012345", "common"},
		{"012345678901234", "common"},
		{"987654321098765", "common"},
		{"abcdefghijklmno", "common"},
		{"ABCDEFGHIJKLMNO", "common"},
		{"qwertyuiopasdfg", "common"},
		{"qwertyuiop12345", "common"},
		{"1qaz2wsx3edc4rf", "common"},
		{"1q2w3e4r5t6y7u8i", "common"},
		{"correcthorsebatterystaple", "common"},
		{"Correct Horse Battery Staple", "common"},
		{"correct-horse-battery-staple1!", "common"},
		{"thisismypassword", "common"},
		{"Change-Me-Change-Me", "common"},
		{"correct horse battery stapler", ""},

		{email, "guess"},
		{strings.ToUpper(email), "guess"},
		{"ann.of.green.gables", "guess"},
		{"Ann.Of.Green.Gables", "guess"},
		{"example industries LTD", "guess"},
		// Words are compared with the whole password, not searched in it.
		{"example industries ltd, est. 1908", ""},
		{"ann.of.green.gables is my name", ""},
	} {
		err := a.weakness(test.password, email)
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%.60q: error %v, want none", test.password, err)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%.60q: error %v, want one that says %q", test.password, err, test.want)
		}
	}
}

// MinPasswordLength replaces the default.
func TestMinPasswordLength(t *testing.T) {
	a := newOfflineAuth(t, func(c *Config) {
		c.MinPasswordLength = 8
		c.Hooks.CheckPassword = func(context.Context, string) (string, error) { return "", nil }
	})
	for password, ok := range map[string]bool{"7 chars": false, "8 chars.": true} {
		if err := a.weakness(password, "ann@example.org"); (err == nil) != ok {
			t.Errorf("%q: error %v, want accepted: %t", password, err, ok)
		}
	}
}

// Hooks.CheckPassword gets only passwords that pass the other checks, and can refuse
// them. If it fails, the request fails.
func TestCheckPasswordHook(t *testing.T) {
	const breached = "is in a list of stolen passwords"
	down := errors.New("the list cannot be reached")
	var asked []string
	a := newOfflineAuth(t, func(c *Config) {
		c.Hooks.CheckPassword = func(_ context.Context, password string) (string, error) {
			asked = append(asked, password)
			switch {
			case strings.HasPrefix(password, "stolen"):
				return breached, nil
			case strings.HasPrefix(password, "unknown"):
				return "", down
			}
			return "", nil
		}
	})
	for _, test := range []struct {
		password string
		asked    int
		refusal  string
		err      error
	}{
		{"stolen from Andre\u0301 and Zoe\u0308", 1, breached, nil},
		{"short", 0, "is too short, use at least 15 characters", nil},
		{"aaaaaaaaaaaaaaaaaaaa", 0, "is too common, choose another", nil},
		{"stolen from somebody", 1, breached, nil},
		{"unknown to the list now", 1, "", down},
		{"never seen by anybody", 1, "", nil},
	} {
		asked = nil
		var invalid InputError
		err := a.checkPassword(t.Context(), &invalid, "password", test.password, "ann@example.org")
		for _, password := range asked {
			if strings.ContainsAny(password, "\u0301\u0308") {
				t.Errorf("the hook gets %q, which is not the form that is hashed", password)
			}
		}
		if len(asked) != test.asked || !errors.Is(err, test.err) || invalid.Fields["password"].Text != test.refusal {
			t.Errorf("%q: the hook got %q, error %v, refusal %q; want %d calls, error %v, refusal %q",
				test.password, asked, err, invalid.Fields["password"].Text, test.asked, test.err, test.refusal)
		}
	}
}

// A login accepts passwords that are too short for the current policy.
func TestStorablePassword(t *testing.T) {
	for password, ok := range map[string]bool{
		"":                                     false,
		"x":                                    true,
		"\xff":                                 false,
		strings.Repeat("é", maxPasswordLength): true,
		strings.Repeat("é", maxPasswordLength+1): false,
	} {
		if err := storablePassword(password); (err == nil) != ok {
			t.Errorf("%.20q: error %v, want storable: %t", password, err, ok)
		}
	}
}

// predictable does not panic, and recognizes short texts that are repeated.
func FuzzPredictable(f *testing.F) {
	for _, s := range []string{"", "a", "aa", "qwertyuiop", "😀😀", "\xff\xff", fmt.Sprint(1 << 60)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if doubled := s + s; s != "" && len(s) <= 12 && !predictable(doubled) {
			t.Errorf("%q is not predictable", doubled)
		}
		predictable(s)
	})
}
