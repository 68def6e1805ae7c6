//authgen:if imported_passwords
//authgen:unit password_imported.go

package auth

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
)

const (
	firebaseKey  = "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA=="
	firebaseRest = "$42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ=="
)

// importedHashes are hashes that other programs have computed, mostly of importedPassword.
var importedHashes = []struct{ about, encoded, password string }{
	{"bcrypt of Devise or Supabase", bcryptHash, importedPassword},
	{"bcrypt of Auth0", "$2b" + bcryptHash[3:], importedPassword},
	{"bcrypt of Laravel", "$2y" + bcryptHash[3:], importedPassword},
	{"a published bcrypt", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"},
	{"argon2i", "$argon2i$v=19$m=64,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$9/kgs8PxDPu7iNkiqj5a/C+x1Sa3ZBKx51vC+FH6Dhs", importedPassword},
	{"Django's bcrypt", "bcrypt$" + bcryptHash, importedPassword},
	{"Django's bcrypt_sha256", "bcrypt_sha256$$2b$04$1rjEhdG3Hh2kHdmLppnww.UGa1EA.W/tiodQLijoRl2kOv2SrheRa", importedPassword},
	{"Django's argon2", "argon2$argon2id$v=19$m=64,t=1,p=2$MDEyMzQ1Njc4OWFiY2RlZg$hIUebIKcDVU2Aw4UH/D4gA05w2ods3UM1kKrYqliwKs", importedPassword},
	{"Django's older argon2", "argon2$argon2i$v=19$m=64,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$9/kgs8PxDPu7iNkiqj5a/C+x1Sa3ZBKx51vC+FH6Dhs", importedPassword},
	{"Django's pbkdf2_sha256", "pbkdf2_sha256$1000$fT3sAltyText$J8jEJhqP3cPIChKIHkjzKjSfUuGRq6U6cw78POrv2L0=", importedPassword},
	{"Django's pbkdf2_sha1", "pbkdf2_sha1$1000$fT3sAltyText$vWXRqR9sIFLQRxA8VAMqCW87ijA=", importedPassword},
	{"Django's scrypt", "scrypt$1024$fT3sAltyText$8$5$/qTItMvWYR3dkKzkWAT7pWxhKhaAV3XIwcaYbdpTLBCAHtA78XcWOoD0tfufu0ue6F42JXp6j8esG2rCFAj5hw==", importedPassword},
	{"Firebase", "$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=" + firebaseKey + firebaseRest, "user1password"},
	{"Firebase's API", "$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=" + firebaseKey + strings.NewReplacer("+", "-", "/", "_").Replace(firebaseRest), "user1password"},
	{"Better Auth", "11534dde6c0f202ca52d373b02e6034a:e67421289a3858e25338d2aa95797ea5aa32c6ba1b666e35c8595e5e8ba16026806f0c642c3d965128da29b0d4fbfa67069c9ecb8bf277b4223cfc23f5179778", importedPassword},
}

// A hash of another system matches only its own password, and is outdated.
func TestImportedHashes(t *testing.T) {
	h := newHasher()
	for _, test := range importedHashes {
		if match, outdated, err := h.verify(t.Context(), test.encoded, test.password); !match || !outdated || err != nil {
			t.Errorf("%s: match %v, outdated %v, error %v", test.about, match, outdated, err)
		}
		for _, other := range []string{"", test.password + " "} {
			if match, outdated, err := h.verify(t.Context(), test.encoded, other); match || outdated || err != nil {
				t.Errorf("%s: %q: match %v, outdated %v, error %v", test.about, other, match, outdated, err)
			}
		}
		if !h.importable(test.encoded) {
			t.Errorf("%s cannot be imported", test.about)
		}
	}
	// The other form of accented letters matches as well.
	if match, _, err := h.verify(t.Context(), bcryptHash, "pa\u0308ssword of Zoe\u0308"); !match || err != nil {
		t.Errorf("decomposed: match %v, error %v", match, err)
	}
}

// The settings of the other system are for its own kind of hash only.
func TestImportedPasswordSettings(t *testing.T) {
	h := newHasher()
	key, err := base64.StdEncoding.DecodeString(firebaseKey)
	if err != nil {
		t.Fatal(err)
	}
	const peppered = "$2b$04$1rjEhdG3Hh2kHdmLppnww.EunsIIHPKirGHM2mmIV89vp0Q0Rja6a"
	const keyless = "$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==" + firebaseRest
	if match, _, _ := h.verify(t.Context(), peppered, importedPassword); match {
		t.Error("a hash with a pepper matches without it")
	}
	if h.importable(keyless) {
		t.Error("a hash of Firebase can be checked without a key")
	}
	h.imported = ImportedPasswords{Pepper: "the pepper", SignerKey: key}
	for encoded, password := range map[string]string{peppered: importedPassword, "bcrypt$" + bcryptHash: importedPassword, keyless: "user1password"} {
		if match, _, err := h.verify(t.Context(), encoded, password); !match || err != nil {
			t.Errorf("%s: match %v, error %v", encoded, match, err)
		}
	}
	if match, _, _ := h.verify(t.Context(), bcryptHash, importedPassword); match {
		t.Error("a hash without a pepper matches with it")
	}
}

// Bcrypt ignores what follows 72 bytes, so longer passwords do not match.
func TestLongImportedPassword(t *testing.T) {
	const encoded = "$2b$04$1rjEhdG3Hh2kHdmLppnww.xjuS9Ofz.dWXakm3KZA/jF366YTY7K6" // of 72 times "x"
	h := newHasher()
	for size, want := range map[int]bool{71: false, 72: true, 73: false} {
		if match, _, err := h.verify(t.Context(), encoded, strings.Repeat("x", size)); match != want || err != nil {
			t.Errorf("%d bytes: match %v, error %v", size, match, err)
		}
	}
}

// A hash that is damaged, of a faulty variant, or too expensive is not computed.
func TestRefusedImportedHashes(t *testing.T) {
	h := newHasher()
	refused := []string{
		"!", "!x", "$", ":", "plain text", "$2x" + bcryptHash[3:], "$2" + bcryptHash[3:], "$1$salt$hash", "$6$salt$hash",
		"$2a$15" + bcryptHash[6:], "$2a$03" + bcryptHash[6:], "bcrypt$$2x" + bcryptHash[3:], "bcrypt_sha256$", "md5$salt$hash",
		"pbkdf2_sha256$2000001$fT3sAltyText$J8jEJhqP3cPIChKIHkjzKjSfUuGRq6U6cw78POrv2L0=",
		"pbkdf2_sha256$01000$fT3sAltyText$J8jEJhqP3cPIChKIHkjzKjSfUuGRq6U6cw78POrv2L0=",
		"pbkdf2_sha256$-1$fT3sAltyText$J8jEJhqP3cPIChKIHkjzKjSfUuGRq6U6cw78POrv2L0=",
		"pbkdf2_sha256$1000$$J8jEJhqP3cPIChKIHkjzKjSfUuGRq6U6cw78POrv2L0=",
		"pbkdf2_sha256$1000$fT3sAltyText$", "pbkdf2_sha256$1000$fT3sAltyText$c2hvcnQ=", "pbkdf2_sha512$1000$fT3sAltyText$J8jEJhqP3cPIChKIHkjzKjSfUuGRq6U6cw78POrv2L0=",
		"scrypt$1024$fT3sAltyText$8$5$", "scrypt$1000$fT3sAltyText$8$5$vWXRqR9sIFLQRxA8VAMqCW87ijA=", "scrypt$1$fT3sAltyText$8$5$vWXRqR9sIFLQRxA8VAMqCW87ijA=",
		"scrypt$131072$fT3sAltyText$8$1$vWXRqR9sIFLQRxA8VAMqCW87ijA=", "scrypt$16384$fT3sAltyText$8$17$vWXRqR9sIFLQRxA8VAMqCW87ijA=",
		"scrypt$2097152$fT3sAltyText$2097152$2097152$vWXRqR9sIFLQRxA8VAMqCW87ijA=",
		"$argon2i$v=19$m=131073,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$9/kgs8PxDPu7iNkiqj5a/C+x1Sa3ZBKx51vC+FH6Dhs",
		"argon2$argon2d$v=19$m=64,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$9/kgs8PxDPu7iNkiqj5a/C+x1Sa3ZBKx51vC+FH6Dhs",
		"$fbscrypt$v=1,n=21,r=8,p=1,ss=Bw==,sk=" + firebaseKey + firebaseRest,
		"$fbscrypt$v=1,n=17,r=8,p=1,ss=Bw==,sk=" + firebaseKey + firebaseRest,
		"$fbscrypt$v=2,n=14,r=8,p=1,ss=Bw==,sk=" + firebaseKey + firebaseRest,
		"$fbscrypt$v=1,n=14,n=14,r=8,p=1,ss=Bw==,sk=" + firebaseKey + firebaseRest,
		"$fbscrypt$v=1,n=14,r=8,p=1,x=1,ss=Bw==,sk=" + firebaseKey + firebaseRest,
		"$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=" + firebaseKey[:24] + firebaseRest,
		"11534dde6c0f202ca52d373b02e6034a:", "11534dde:e67421289a3858e25338d2aa95797ea5", strings.Repeat("x", 32) + ":" + strings.Repeat("a", 128),
		"bcrypt$" + strings.Repeat("x", 1<<20),
	}
	derivations := 0
	h.derive = func(_, _ []byte, _, _ uint32, _ uint8, size uint32) []byte {
		derivations++
		return make([]byte, size)
	}
	for i, encoded := range refused {
		if match, _, err := h.verify(t.Context(), encoded, importedPassword); match || !errors.Is(err, errHash) || derivations != i+1 {
			t.Errorf("%.100s: match %v, error %v, %d derivations; want %v, and %d derivations", encoded, match, err, derivations, errHash, i+1)
		}
		if h.importable(encoded) {
			t.Errorf("%.100s can be imported", encoded)
		}
	}
	if h.importable("") {
		t.Error("no hash can be imported")
	}
}
