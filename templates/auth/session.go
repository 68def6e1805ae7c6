package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/authgen/authgen/templates/auth/internal/testhook"
)

const (
	// renewalInterval is the interval at which the use of a session is recorded. A
	// short idle timeout shortens it.
	renewalInterval = 5 * time.Minute
	// clockSkew is how far the clock of the machine that issued a session may be
	// ahead.
	clockSkew = time.Minute
)

// Session is the content of the session cookie. It is sealed, so it cannot be
// forged, but the session may have ended or changed since. Use it to decide what to
// show, never to decide what to give access to: that takes a [Principal].
//
// Outside this package, a Session comes from [SessionFrom] only. The zero Session
// belongs to no user.
type Session struct {
	id              sessionID
	family          sessionID // id of the session that began with the login
	userID          UserID
	method          Method // how the user last authenticated
	role            Role
	version         uint32 // of the user's sessions when this one began
	remember        bool
	issuedAt        time.Time
	authenticatedAt time.Time // when the user last authenticated
	seenAt          time.Time // last recorded use
	expiresAt       time.Time // absolute limit
	//authgen:if bridge
	legacy bool // it began in the previous session style: see bridge.go
}

// SessionFrom is the optimistic check: it returns the session of the request that
// ctx belongs to, as the cookie has it, without any I/O. It reports false if the
// visitor is logged out, or the request did not pass through the middleware or a
// guard.
func SessionFrom(ctx context.Context) (Session, bool) {
	rs, ok := stateFrom(ctx)
	if !ok {
		return Session{}, false
	}
	rs.mu.Lock()
	defer rs.mu.Unlock()
	return rs.session, rs.session.exists()
}

// UserID returns the id of the user.
func (s Session) UserID() UserID { return s.userID }

// Role returns the role that the user had when the cookie was sealed.
func (s Session) Role() Role { return s.role }

// Method returns how the user last authenticated.
func (s Session) Method() Method { return s.method }

// AuthenticatedAt returns when the user last authenticated.
func (s Session) AuthenticatedAt() time.Time { return s.authenticatedAt }

// ExpiresAt returns when the session ends even if it is in use.
func (s Session) ExpiresAt() time.Time { return s.expiresAt }

// Format implements [fmt.Formatter]. It leaves the id out.
func (s Session) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "session of user %s, role %s, until %s", s.userID, s.role, s.expiresAt.Format(time.RFC3339))
}

// LogValue implements [slog.LogValuer]. It leaves the id out.
func (s Session) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(s)) }

func (s Session) exists() bool { return !s.userID.IsZero() }

// newSession returns a new session for l.
func (a *Auth) newSession(l login) Session {
	// The database stores milliseconds.
	now := time.Now().UTC().Truncate(time.Millisecond)
	_, absolute := a.timeouts(l.user.role)
	s := Session{
		id:              newSessionID(),
		family:          l.replaces.family,
		userID:          l.user.id,
		method:          l.method,
		role:            l.user.role,
		version:         l.user.version,
		remember:        l.remember,
		issuedAt:        now,
		authenticatedAt: now,
		seenAt:          now,
		expiresAt:       now.Add(absolute),
	}
	if !l.replaces.exists() {
		s.family = s.id
	}
	if testhook.Stale != nil && testhook.Stale(s.userID.String()) {
		s.authenticatedAt = now.Add(-a.config.FreshFor)
	}
	return s
}

func (a *Auth) timeouts(r Role) (idle, absolute time.Duration) {
	if r.sensitive() {
		return a.config.SensitiveIdleTimeout, a.config.SensitiveAbsoluteTimeout
	}
	return a.config.IdleTimeout, a.config.AbsoluteTimeout
}

func (a *Auth) renewEvery(r Role) time.Duration {
	idle, _ := a.timeouts(r)
	return min(renewalInterval, idle/4)
}

// validity is the result of checking a session cookie without the database.
type validity int

const (
	absent validity = iota // no cookie, or none that this instance can open
	valid
	expired    // past one of its limits
	fromFuture // sealed by an instance whose clock is ahead
)

// validity returns the validity of s at the time now.
func (a *Auth) validity(s Session, now time.Time) validity {
	idle, absolute := a.timeouts(s.role)
	switch {
	case !now.Before(s.seenAt.Add(idle)), !now.Before(s.expiresAt), !now.Before(s.authenticatedAt.Add(absolute)):
		return expired
	case s.issuedAt.After(now.Add(clockSkew)), s.seenAt.After(now.Add(clockSkew)):
		return fromFuture
	}
	return valid
}

// live reports whether the session is within its limits.
func (a *Auth) live(s Session, now time.Time) bool { return a.validity(s, now) == valid }

// warnOfClock logs, at most once a minute, that a session from the future was
// refused.
func (a *Auth) warnOfClock(ctx context.Context) {
	now := time.Now().Unix()
	if last := a.clockWarning.Load(); now-last >= 60 && a.clockWarning.CompareAndSwap(last, now) {
		a.config.Logger.WarnContext(ctx, "auth: refused a session from the future; the clock of this machine, or of another one that serves the application, is wrong",
			"tolerated", clockSkew)
	}
}

// The claims of a sealed session:
//
//	version (1) | flags (1) | method (1) | session id (16) | family (16) |
//	version of the user's sessions (4) | four times (8 each) |
//	length of the user id (1) | user id | name of the role
//
// The times are in Unix nanoseconds. The role is stored by name, since adding a role
// changes the numbers. A flag distinguishes the session styles, so that a session of
// one style is never accepted as one of the other.
const (
	claimsVersion = 1
	claimsSize    = 1 + 1 + 1 + 16 + 16 + 4 + 4*8 + 1 // of the claims before the user id

	flagRemember  = 1 << 0
	flagStateless = 1 << 1 // only the cookie holds the session
)

func (s Session) appendClaims(b []byte) []byte {
	flags := byte(flagStyle)
	if s.remember {
		flags |= flagRemember
	}
	b = append(b, claimsVersion, flags, byte(s.method))
	b = append(b, s.id[:]...)
	b = append(b, s.family[:]...)
	b = binary.BigEndian.AppendUint32(b, s.version)
	for _, t := range [...]time.Time{s.issuedAt, s.authenticatedAt, s.seenAt, s.expiresAt} {
		b = binary.BigEndian.AppendUint64(b, uint64(t.UnixNano()))
	}
	size := len(b)
	b = s.userID.appendTo(append(b, 0))
	b[size] = byte(len(b) - size - 1)
	return append(b, s.role.String()...)
}

// readClaims is the inverse of appendClaims. It does not allocate.
func (s *Session) readClaims(b []byte) error {
	if len(b) < claimsSize || b[0] != claimsVersion {
		return errSealed
	}
	rest, idSize := b[claimsSize:], int(b[claimsSize-1])
	if len(rest) < idSize {
		return errSealed
	}
	role, err := parseRole(rest[idSize:])
	style, unknown := b[1]&flagStateless, b[1]&^(flagRemember|flagStateless)
	known := style == flagStyle
	//authgen:if bridge
	known = known || style == flagLegacy
	//authgen:end
	if err != nil || !known || unknown != 0 {
		return errSealed
	}
	var times [4]time.Time
	for i := range times {
		n := binary.BigEndian.Uint64(b[39+8*i:])
		if n > math.MaxInt64 {
			return errSealed
		}
		times[i] = time.Unix(0, int64(n)).UTC()
	}
	*s = Session{
		id:              sessionID(b[3:19]),
		family:          sessionID(b[19:35]),
		userID:          userIDFrom(rest[:idSize]),
		method:          Method(b[2]),
		role:            role,
		version:         binary.BigEndian.Uint32(b[35:]),
		remember:        b[1]&flagRemember != 0,
		issuedAt:        times[0],
		authenticatedAt: times[1],
		seenAt:          times[2],
		expiresAt:       times[3],
		//authgen:if bridge
		legacy: style == flagLegacy,
		//authgen:end
	}
	if !s.exists() {
		return errSealed
	}
	return nil
}

// openSession returns the session in the cookie of a request, if it is valid, and
// the validity of the cookie. It does no I/O and does not allocate.
func (a *Auth) openSession(header http.Header, now time.Time) (Session, validity) {
	value, _ := cookieValue(header, a.cookieName)
	if value == "" {
		return Session{}, absent
	}
	var s Session
	if err := a.sealer.open(value, now, s.readClaims); err != nil {
		return Session{}, absent
	}
	if worth := a.validity(s, now); worth != valid {
		return Session{}, worth
	}
	return s, valid
}

// cookieValue returns the value of a cookie, and whether it was sent. Unlike
// [http.Request.Cookie], it does not allocate, since it runs on every request. A
// cookie that was sent twice has no value: somebody who cannot read the genuine one
// may have set the other.
func cookieValue(header http.Header, name string) (value string, sent bool) {
	for _, line := range header["Cookie"] {
		for line != "" {
			var pair string
			pair, line, _ = strings.Cut(line, ";")
			pair = strings.Trim(pair, " \t")
			if len(pair) <= len(name) || pair[len(name)] != '=' || pair[:len(name)] != name {
				continue
			}
			if sent {
				return "", true
			}
			value, sent = pair[len(name)+1:], true
		}
	}
	return value, sent
}

// setSessionCookie sets the cookie for s in the header of a response. For the zero
// Session it deletes the cookie.
func (a *Auth) setSessionCookie(header http.Header, s Session) {
	c := http.Cookie{Name: a.cookieName, MaxAge: -1}
	if s.exists() {
		now := time.Now()
		c.Value = a.sealer.seal(s.appendClaims(make([]byte, 0, maxPlaintext)), now)
		// Without Max-Age, the browser deletes the cookie when it is closed.
		c.MaxAge = 0
		if s.remember {
			c.MaxAge = max(1, int(s.expiresAt.Sub(now)/time.Second))
		}
	}
	a.setCookie(header, c)
}

// setCookie sets a cookie in the header of a response, with the attributes that all
// cookies of this package have. It replaces one with the same name.
func (a *Auth) setCookie(header http.Header, c http.Cookie) {
	c.Path = "/"
	c.Secure = !a.development
	c.HttpOnly = true
	c.SameSite = http.SameSiteLaxMode
	others := header["Set-Cookie"]
	kept := others[:0]
	for _, other := range others {
		if !strings.HasPrefix(other, c.Name+"=") {
			kept = append(kept, other)
		}
	}
	header["Set-Cookie"] = append(kept, c.String())
	ensureHeader(header, "Cache-Control", "no-store")
}

// sessionID is the secret of a session: 128 random bits. Only the sealed cookie
// holds it; the database and the logs have its hash.
type sessionID [16]byte

func newSessionID() (id sessionID) {
	_, _ = rand.Read(id[:]) // never fails
	return id
}

// handle returns the SHA-256 of the id in hexadecimal. It identifies the session
// wherever the id itself must not appear.
func (id sessionID) handle() string { return hexSum(id[:]) }

// familyHandle identifies the family of s: the session that began with the login,
// and those that have replaced it since.
func (s Session) familyHandle() string {
	const purpose = "family "
	var b [len(purpose) + len(s.family)]byte
	copy(b[copy(b[:], purpose):], s.family[:])
	return hexSum(b[:])
}

// hexSum returns the SHA-256 of b in hexadecimal.
func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	var text [2 * sha256.Size]byte
	hex.Encode(text[:], sum[:])
	return string(text[:])
}

// Format implements [fmt.Formatter].
func (sessionID) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// MarshalText implements [encoding.TextMarshaler].
func (sessionID) MarshalText() ([]byte, error) { return []byte(redacted), nil }
