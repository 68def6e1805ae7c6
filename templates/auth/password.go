package auth

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"github.com/authgen/authgen/templates/auth/internal/testhook"
)

// Lengths of passwords, in code points. A password of safePasswordLength is long
// enough to be the only factor (NIST SP 800-63B).
const (
	safePasswordLength = 15
	maxPasswordLength  = 256
)

// argonParams are the cost parameters of an argon2id hash. The memory is in KiB.
type argonParams struct {
	memory, time uint32
	threads      uint8
}

// argonDefault is the minimum that OWASP recommends. A hash takes about 20 ms and
// 19 MiB.
var argonDefault = argonParams{memory: 19 * 1024, time: 2, threads: 1}

const (
	saltSize = 16
	hashSize = 32
	// queuePerSlot is how many callers may wait for each slot.
	queuePerSlot = 16
)

// queueWait is how long a caller waits for a slot. It is a variable so that tests
// can raise it.
var queueWait = 3 * time.Second

// The highest accepted costs of a hash in the database. The memory is in KiB.
const (
	maxHashMemory  = 128 * 1024
	maxHashTime    = 10
	maxHashThreads = 16
)

// hasher hashes passwords, at most one per processor at a time. Without that limit,
// many concurrent logins would take 19 MiB each, and slow each other down.
type hasher struct {
	params  argonParams
	derive  func(password, salt []byte, time, memory uint32, threads uint8, keyLen uint32) []byte
	slots   chan struct{}
	waiting atomic.Int64
	dummy   string // does not match any password
	//authgen:if imported_passwords
	imported ImportedPasswords
}

func newHasher() *hasher {
	h := &hasher{
		params: argonDefault,
		derive: argon2.IDKey,
		slots:  make(chan struct{}, runtime.GOMAXPROCS(0)),
	}
	if testhook.CheapHashing {
		h.params = argonParams{memory: 64, time: 1, threads: 1}
	}
	h.dummy = encodeHash(h.params, randomBytes(saltSize), randomBytes(hashSize))
	return h
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}

// enter waits for a slot. The caller must call leave to release it. The error is
// [ErrBusy] if too many callers are waiting, or the wait takes too long.
func (h *hasher) enter(ctx context.Context) (leave func(), err error) {
	leave = func() { <-h.slots }
	select {
	case h.slots <- struct{}{}:
		return leave, nil
	default:
	}
	defer h.waiting.Add(-1)
	if h.waiting.Add(1) > int64(queuePerSlot*cap(h.slots)) {
		return nil, ErrBusy
	}
	timeout := time.NewTimer(queueWait)
	defer timeout.Stop()
	select {
	case h.slots <- struct{}{}:
		return leave, nil
	case <-timeout.C:
		return nil, ErrBusy
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// composed returns a password in Unicode's composed form (NFC), since keyboards
// differ in whether they send an accented letter as one character or two.
func composed(password string) string { return norm.NFC.String(password) }

// hash returns a new hash of the password's composed form, as a PHC string.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	leave, err := h.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	salt := randomBytes(saltSize)
	return encodeHash(h.params, salt, h.run(composed(password), salt, h.params, hashSize)), nil
}

// verify reports whether encoded is a hash of the password, or of its composed form,
// and whether hash would now use other parameters or that form. An empty or malformed
// hash matches nothing but takes the same time, which therefore does not reveal who
// has an account. The error for a malformed hash is errHash.
func (h *hasher) verify(ctx context.Context, encoded, password string) (match, outdated bool, err error) {
	params, salt, want, malformed := decodeHash(cmp.Or(encoded, h.dummy))
	if malformed != nil {
		params, salt, want, err = decodeHash(h.dummy)
		if err != nil {
			return false, false, err
		}
	}
	known := encoded != "" && malformed == nil
	matches := func(password string) bool {
		got := h.run(password, salt, params, uint32(len(want)))
		return subtle.ConstantTimeCompare(got, want) == 1 && known
	}
	//authgen:if imported_passwords
	if imported := h.imported.parse(encoded); imported != nil {
		matches, params, malformed = imported, argonParams{}, nil // outdated
	}
	//authgen:end
	leave, err := h.enter(ctx)
	if err != nil {
		return false, false, err
	}
	defer leave()
	match = matches(password)
	outdated = params != h.params || len(salt) != saltSize || len(want) != hashSize
	// Try the composed form even after a match, so that the time depends only on the
	// password.
	if form := composed(password); form != password {
		outdated = outdated || match
		match = matches(form) || match
	}
	return match, match && outdated, malformed
}

func (h *hasher) run(password string, salt []byte, p argonParams, size uint32) []byte {
	return h.derive([]byte(password), salt, p.time, p.memory, p.threads, size)
}

func encodeHash(p argonParams, salt, hash []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, p.memory, p.time, p.threads, b64.EncodeToString(salt), b64.EncodeToString(hash))
}

var errHash = fmt.Errorf("auth: a password hash in the database is malformed, or costs more than %d MiB, %d passes and %d threads",
	maxHashMemory/1024, maxHashTime, maxHashThreads)

// decodeHash is the inverse of encodeHash. Its limits prevent a hash in the database
// from exhausting memory or time.
func decodeHash(encoded string) (p argonParams, salt, hash []byte, err error) {
	parts := strings.Split(encoded, "$")
	if len(encoded) > 512 || len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, nil, nil, errHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memory, &p.time, &p.threads); err != nil {
		return p, nil, nil, errHash
	}
	b64 := base64.RawStdEncoding.Strict()
	salt, saltErr := b64.DecodeString(parts[4])
	hash, hashErr := b64.DecodeString(parts[5])
	switch {
	case saltErr != nil, hashErr != nil,
		p.memory < 8*uint32(p.threads), p.memory > maxHashMemory, p.time < 1, p.time > maxHashTime, p.threads < 1, p.threads > maxHashThreads,
		len(salt) < 8, len(salt) > 64, len(hash) < 16, len(hash) > 64,
		encodeHash(p, salt, hash) != encoded:
		return argonParams{}, nil, nil, errHash
	}
	return p, salt, hash, nil
}

// checkPassword records what is wrong with a new password. There are no composition
// rules, and nothing is trimmed. The error is that of Hooks.CheckPassword.
func (a *Auth) checkPassword(ctx context.Context, invalid *InputError, field, password, email string) error {
	if err := a.weakness(password, email); err != nil {
		invalid.check(field, err)
		return nil
	}
	if a.config.Hooks.CheckPassword == nil {
		return nil
	}
	refusal, err := a.config.Hooks.CheckPassword(ctx, composed(password))
	if err != nil {
		return fmt.Errorf("auth: check a password: %w", err)
	}
	if refusal != "" {
		invalid.check(field, FieldError{"refused", refusal})
	}
	return nil
}

// weakness returns an error for a password that this package itself refuses.
func (a *Auth) weakness(password, email string) error {
	if err := storablePassword(password); err != nil {
		return err
	}
	password = composed(password)
	if n := utf8.RuneCountInString(password); n < a.config.MinPasswordLength {
		return FieldError{"too_short", fmt.Sprintf("is too short, use at least %d characters", a.config.MinPasswordLength)}
	}
	local, _, _ := strings.Cut(email, "@")
	for _, word := range append([]string{email, local}, a.config.PasswordContextWords...) {
		if strings.EqualFold(password, word) {
			return FieldError{"easy_to_guess", "is easy to guess for this account, choose another"}
		}
	}
	if predictable(strings.ToLower(password)) {
		return FieldError{"too_common", "is too common, choose another"}
	}
	return nil
}

// storablePassword returns an error for a password that cannot be hashed at all.
func storablePassword(password string) error {
	switch {
	case password == "":
		return errMissing
	case !utf8.ValidString(password):
		return errNotText
	case utf8.RuneCountInString(password) > maxPasswordLength:
		return tooLong(maxPasswordLength)
	}
	return nil
}

// predictable reports whether a password, however long, repeats a short sequence,
// runs along the alphabet or the keyboard, or is a common phrase.
func predictable(password string) bool {
	for size := 1; size <= min(12, len(password)/2); size++ {
		if strings.HasPrefix(strings.Repeat(password[:size], len(password)/size+1), password) {
			return true
		}
	}
	for _, row := range []string{
		"abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm",
		"azertyuiopqsdfghjklmwxcvbn", "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "12345678901234567890", "01234567890123456789",
		"98765432109876543210", "1q2w3e4r5t6y7u8i9o0p",
	} {
		if strings.Contains(row, password) || strings.Contains(row, strings.TrimRight(password, "0123456789!.?")) && len(strings.TrimRight(password, "0123456789!.?")) > 7 {
			return true
		}
	}
	return commonPhrases[strings.TrimRight(strings.NewReplacer(" ", "", "-", "", "_", "").Replace(password), "0123456789!.?")]
}

var commonPhrases = map[string]bool{
	"correcthorsebatterystaple": true, "passwordpassword": true, "passwordishard": true, "mypasswordispassword": true,
	"thisismypassword": true, "thisisapassword": true, "thepasswordispassword": true, "ilovemyfamily": true,
	"iloveyousomuch": true, "iloveyouforever": true, "letmeinletmein": true, "letmeinplease": true,
	"administrator": true, "superadministrator": true, "adminadminadmin": true, "changemechangeme": true,
	"pleasechangeme": true, "changeitplease": true, "defaultpassword": true, "temporarypassword": true,
	"supersecretpassword": true, "topsecretpassword": true, "trustnooneelse": true, "maytheforcebewithyou": true,
	"tobeornottobe": true, "onceuponatime": true, "opensesame": true, "nopasswordneeded": true,
	"qwertyqwerty": true, "qwertyuiopqwerty": true, "welcomewelcome": true, "welcometomyworld": true,
	"jesuschristislord": true, "godisgoodallthetime": true, "ihatepasswords": true, "idontknow": true,
	"whatismypassword": true, "whatsmypassword": true, "forgotpassword": true, "iforgotmypassword": true,
}
