//authgen:if imported_passwords

package auth

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/scrypt"
	"golang.org/x/text/unicode/norm"
)

// ImportedPasswords tells how another system hashed the passwords of the users who come
// from it. A login accepts these hashes, and replaces them with those of this package:
//
//   - bcrypt, as most systems store it ($2a$, $2b$ and $2y$);
//   - argon2i and argon2id in the PHC format;
//   - the formats of Django (argon2, bcrypt, bcrypt_sha256, pbkdf2_sha256, pbkdf2_sha1
//     and scrypt);
//   - scrypt of Firebase as Supabase writes it:
//     $fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=KEY$SALT$HASH, where n is mem_cost, r is rounds,
//     ss is the salt separator and sk the signer key;
//   - scrypt of Better Auth, which is two numbers in hexadecimal with a colon between them.
//
// The zero value is for all systems that use neither a pepper nor a key of their own.
type ImportedPasswords struct {
	// Pepper is what the other system appended to a password before it computed the
	// bcrypt hash, as Devise does with its setting of that name.
	Pepper string
	// SignerKey is the signer key of the Firebase project, for hashes that do not have it.
	SignerKey []byte
}

// The highest accepted costs of an imported hash. As for the hashes of this package, they
// prevent a hash in the database from exhausting memory or time.
const (
	maxImportedHash = 255     // bytes, what the column holds
	maxBcryptCost   = 14      // about a second
	maxIterations   = 2000000 // of PBKDF2
	maxScryptMemory = 64 << 20
	maxScryptWork   = 1 << 21 // the product of its three parameters
)

// An importedHash is a hash of another system. It reports whether a password matches.
type importedHash func(password string) bool

// parse returns the hash of another system that encoded is. It returns nil if encoded is
// none, or costs too much, or is argon2id as this package writes it.
func (s ImportedPasswords) parse(encoded string) importedHash {
	if len(encoded) > maxImportedHash {
		return nil
	}
	name, rest, _ := strings.Cut(encoded, "$")
	switch name {
	case "argon2":
		if strings.HasPrefix(rest, "argon2id$") {
			return parseArgon2("$"+rest, "$argon2id$", argon2.IDKey)
		}
		return parseArgon2("$"+rest, "$argon2i$", argon2.Key)
	case "bcrypt":
		return parseBcrypt(rest, func(password string) string { return password })
	case "bcrypt_sha256":
		return parseBcrypt(rest, func(password string) string {
			sum := sha256.Sum256([]byte(password))
			return hex.EncodeToString(sum[:])
		})
	case "pbkdf2_sha256":
		return parsePBKDF2(rest, sha256.New)
	case "pbkdf2_sha1":
		return parsePBKDF2(rest, sha1.New)
	case "scrypt":
		return parseScrypt(rest)
	case "":
		switch kind, _, _ := strings.Cut(rest, "$"); kind {
		case "2a", "2b", "2y":
			return parseBcrypt(encoded, func(password string) string { return password + s.Pepper })
		case "argon2i":
			return parseArgon2(encoded, "$argon2i$", argon2.Key)
		case "fbscrypt":
			return s.parseFirebase(rest)
		}
		return nil
	}
	return parseBetterAuth(encoded)
}

// parseArgon2 parses a hash in the PHC format.
func parseArgon2(encoded, kind string, derive func(password, salt []byte, time, memory uint32, threads uint8, keyLen uint32) []byte) importedHash {
	rest, ok := strings.CutPrefix(encoded, kind)
	if !ok {
		return nil
	}
	p, salt, want, err := decodeHash("$argon2id$" + rest)
	if err != nil {
		return nil
	}
	return func(password string) bool {
		got := derive([]byte(password), salt, p.time, p.memory, p.threads, uint32(len(want)))
		return subtle.ConstantTimeCompare(got, want) == 1
	}
}

// parseBcrypt parses a bcrypt hash of what input returns. bcrypt uses only 72 bytes, so
// nothing longer matches. The variant $2x$ is refused: it is of a faulty implementation, in
// which different passwords have the same hash.
func parseBcrypt(encoded string, input func(password string) string) importedHash {
	if len(encoded) != 60 || !slices.Contains([]string{"$2a$", "$2b$", "$2y$"}, encoded[:4]) {
		return nil
	}
	if cost, err := bcrypt.Cost([]byte(encoded)); err != nil || cost > maxBcryptCost {
		return nil
	}
	return func(password string) bool {
		text := []byte(input(password))
		return bcrypt.CompareHashAndPassword([]byte(encoded), text[:min(len(text), 72)]) == nil && len(text) <= 72
	}
}

// parsePBKDF2 parses what follows the name in Django's format: iterations, salt and key.
func parsePBKDF2(text string, digest func() hash.Hash) importedHash {
	parts := strings.Split(text, "$")
	if len(parts) != 3 {
		return nil
	}
	iterations, salt, want := parseCost(parts[0], maxIterations), parts[1], parseDigest(parts[2])
	if iterations == 0 || salt == "" || want == nil {
		return nil
	}
	return func(password string) bool {
		got, err := pbkdf2.Key(digest, password, []byte(salt), iterations, len(want))
		return err == nil && subtle.ConstantTimeCompare(got, want) == 1
	}
}

// parseScrypt parses what follows the name in Django's format: N, salt, r, p and key.
func parseScrypt(text string) importedHash {
	parts := strings.Split(text, "$")
	if len(parts) != 5 {
		return nil
	}
	n, salt, r, p, want := parseCost(parts[0], maxScryptWork), parts[1], parseCost(parts[2], maxScryptWork), parseCost(parts[3], maxScryptWork), parseDigest(parts[4])
	if salt == "" || want == nil || !scryptFits(n, r, p) {
		return nil
	}
	return func(password string) bool {
		got, err := scrypt.Key([]byte(password), []byte(salt), n, r, p, len(want))
		return err == nil && subtle.ConstantTimeCompare(got, want) == 1
	}
}

// parseFirebase parses a hash of Firebase, in the format of Supabase, without the first $.
// The derived key encrypts the signer key, and the result is the hash. Base64 may be in the
// alphabet for URLs, which the API of Firebase uses.
func (s ImportedPasswords) parseFirebase(text string) importedHash {
	parts := strings.Split(strings.NewReplacer("-", "+", "_", "/").Replace(text), "$")
	if len(parts) != 4 {
		return nil
	}
	given := make(map[string]string)
	for pair := range strings.SplitSeq(parts[1], ",") {
		name, value, _ := strings.Cut(pair, "=")
		if _, twice := given[name]; twice || !slices.Contains([]string{"v", "n", "r", "p", "ss", "sk"}, name) {
			return nil
		}
		given[name] = value
	}
	n, r, p := 1<<parseCost(given["n"], 20), parseCost(given["r"], maxScryptWork), parseCost(given["p"], maxScryptWork)
	b64 := base64.StdEncoding.Strict()
	separator, separatorErr := b64.DecodeString(given["ss"])
	salt, saltErr := b64.DecodeString(parts[2])
	signerKey, want := s.SignerKey, parseDigest(parts[3])
	if given["sk"] != "" {
		signerKey = parseDigest(given["sk"])
	}
	if given["v"] != "1" || separatorErr != nil || saltErr != nil || len(salt) == 0 || len(want) == 0 || len(want) != len(signerKey) || !scryptFits(n, r, p) {
		return nil
	}
	salt = append(salt, separator...)
	return func(password string) bool {
		key, err := scrypt.Key([]byte(password), salt, n, r, p, 32)
		if err != nil {
			return false
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return false
		}
		got := make([]byte, len(signerKey))
		cipher.NewCTR(block, make([]byte, aes.BlockSize)).XORKeyStream(got, signerKey)
		return subtle.ConstantTimeCompare(got, want) == 1
	}
}

// parseBetterAuth parses a salt and a key in hexadecimal. The salt is used as it is written,
// and the password in its compatibility form.
func parseBetterAuth(encoded string) importedHash {
	salt, key, _ := strings.Cut(encoded, ":")
	want, err := hex.DecodeString(key)
	if _, saltErr := hex.DecodeString(salt); err != nil || saltErr != nil || len(salt) != 32 || len(want) != 64 {
		return nil
	}
	return func(password string) bool {
		got, err := scrypt.Key([]byte(norm.NFKC.String(password)), []byte(salt), 1<<14, 16, 1, len(want))
		return err == nil && subtle.ConstantTimeCompare(got, want) == 1
	}
}

// scryptFits reports whether the parameters of scrypt are valid and cost no more than is
// accepted. They are at most maxScryptWork each, so that products do not overflow.
func scryptFits(n, r, p int) bool {
	return n > 1 && n&(n-1) == 0 && r > 0 && p > 0 &&
		int64(n)*int64(r) <= maxScryptMemory/128 && int64(n)*int64(r)*int64(p) <= maxScryptWork
}

// parseCost returns a decimal number from 1 to most, or 0.
func parseCost(text string, most int) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most || strconv.Itoa(n) != text {
		return 0
	}
	return n
}

// parseDigest returns a key of 16 to 64 bytes in base64, or nil.
func parseDigest(text string) []byte {
	key, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(key) < 16 || len(key) > 64 {
		return nil
	}
	return key
}

// importable reports whether passwords can be checked against a hash, which another system
// or this package has made.
func (h *hasher) importable(encoded string) bool {
	if h.imported.parse(encoded) != nil {
		return true
	}
	_, _, _, err := decodeHash(encoded)
	return err == nil && len(encoded) <= maxImportedHash
}

// ImportUser creates an account whose password another system has hashed; see
// [ImportedPasswords]. The password of in must be empty. Like [Auth.CreateUser], it checks
// no permission. Errors include [InputError], whose field for the hash is "password_hash",
// and [ErrEmailTaken].
func (a *Auth) ImportUser(ctx context.Context, in NewUser, passwordHash string) (User, error) {
	return a.importUser(ctx, nil, in, passwordHash)
}

// importUser is ImportUser in the transaction tx, or in one of its own if tx is nil.
func (a *Auth) importUser(ctx context.Context, tx *sql.Tx, in NewUser, passwordHash string) (User, error) {
	var invalid InputError
	u := newRow(in, &invalid)
	if in.Password != "" {
		invalid.check("password", FieldError{"unknown", "must be empty, since the hash takes its place"})
	}
	if !a.hasher.importable(passwordHash) {
		invalid.check("password_hash", FieldError{"invalid", "is not a hash of a known format, or costs too much to check"})
	}
	if err := invalid.err(); err != nil {
		return User{}, err
	}
	u.passwordHash = passwordHash
	return a.insert(ctx, tx, u)
}

// ImportUser is [Auth.ImportUser] in the transaction.
func (j Joined) ImportUser(ctx context.Context, in NewUser, passwordHash string) (User, error) {
	return j.auth.importUser(ctx, j.tx, in, passwordHash)
}
