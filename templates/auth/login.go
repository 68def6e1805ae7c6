package auth

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"time"
)

// Method is how a user authenticated. The numbers are in cookies, so they never
// change.
type Method uint8

// The methods.
const (
	// MethodPassword is a password.
	MethodPassword Method = 1
	// MethodApplication is a check by the application itself, which then calls
	// [Auth.Finish].
	MethodApplication Method = 2
)

// String returns the method's name.
func (m Method) String() string {
	switch m {
	case MethodPassword:
		return "password"
	case MethodApplication:
		return "application"
	}
	return fmt.Sprintf("Method(%d)", uint8(m))
}

// Credentials are what a user logs in with.
type Credentials struct {
	Email    string
	Password string `json:"-"`
	// Remember keeps the user logged in when the browser is closed.
	Remember bool
}

// Format implements [fmt.Formatter]. It leaves the password out.
func (in Credentials) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "credentials of %q", in.Email)
}

// Fields returns the fields of a body that holds credentials.
func (in *Credentials) Fields() Fields {
	return Fields{
		"email":    &in.Email,
		"password": &in.Password,
		//authgen:if remember
		"remember": &in.Remember,
		//authgen:end
	}
}

// LogIn checks the credentials and begins a session, which replaces the one of the
// request. The error is [ErrInvalidCredentials] for an unknown address, a wrong
// password and a disabled account alike, after the same work. Other errors include
// [InputError], [RateLimitError] and [ErrBusy].
func (a *Auth) LogIn(ctx context.Context, in Credentials) (User, error) {
	var invalid InputError
	email, err := normalizeEmail(in.Email)
	invalid.check("email", err)
	invalid.check("password", storablePassword(in.Password))
	if err := invalid.err(); err != nil {
		return User{}, err
	}
	u, err := a.authenticate(ctx, email, in.Password)
	if err != nil {
		return User{}, err
	}
	a.rehashLater(ctx, u, in.Password)
	return a.logIn(ctx, login{user: u, method: MethodPassword, remember: in.Remember})
}

// Finish begins a session for a user whom the application has authenticated itself.
// It replaces the session of the request. Finish checks no credentials: the caller
// must have. The error is [ErrNotFound] if there is no such user, and
// [ErrInvalidCredentials] if the account is disabled. The context must be that of a
// request that passed the middleware or is for a route of the table.
func (a *Auth) Finish(ctx context.Context, id UserID, method Method) (User, error) {
	if _, ok := a.stateOf(ctx); !ok {
		return User{}, errors.New("auth: Finish was called outside of a request, where it cannot set a cookie")
	}
	u, err := userByID(ctx, a.store.db, id)
	if err != nil {
		return User{}, err
	}
	return a.logIn(ctx, login{user: u, method: method})
}

// login describes a session to begin. The user's credentials have been checked.
type login struct {
	user     user
	method   Method
	remember bool
	replaces Session // the user's session that the new one replaces, if any
}

// logIn begins a session in the request that ctx belongs to.
func (a *Auth) logIn(ctx context.Context, l login) (User, error) {
	if old, ok := SessionFrom(ctx); ok {
		if err := a.endSession(ctx, a.store.db, old); err != nil {
			return User{}, err
		}
	}
	s, err := a.finish(ctx, a.store.db, l)
	if errors.Is(err, ErrInvalidCredentials) {
		a.Event(ctx, "authn_login_fail", "email", l.user.email)
	}
	if err != nil {
		return User{}, err
	}
	if rs, ok := a.stateOf(ctx); ok {
		rs.rememberDevice(l.user.email)
	}
	a.Event(ctx, "authn_login_success", "user", l.user.id.String(), "method", l.method.String(), "new_session", s.id.handle())
	a.setSession(ctx, s)
	//authgen:if !redis
	a.sweep(ctx)
	//authgen:end
	dto := newUser(l.user, ownView(l.user))
	if a.config.Hooks.LoggedIn != nil {
		a.config.Hooks.LoggedIn(ctx, dto)
	}
	return dto, nil
}

// finish is the last step of every login, whatever the method: nothing else begins a
// session. The error is [ErrInvalidCredentials] if the account is disabled, has an
// invalid role or has been deleted. If the new session replaces one, q must be a
// transaction that has locked the user and checked the old session.
func (a *Auth) finish(ctx context.Context, q querier, l login) (Session, error) {
	if l.user.disabled || !l.user.role.valid() {
		return Session{}, ErrInvalidCredentials
	}
	if l.replaces.exists() {
		if err := a.endSession(ctx, q, l.replaces); err != nil {
			return Session{}, err
		}
	}
	//authgen:if adopted
	if err := ensureAccount(ctx, q, &l.user); err != nil {
		return Session{}, err
	}
	//authgen:end
	return a.startSession(ctx, q, l)
}

// authenticate returns the user with that address and password. It counts the
// attempt, and does the same work whether the user exists or not.
func (a *Auth) authenticate(ctx context.Context, email, password string) (user, error) {
	addr, account := netip.Addr{}, email
	if rs, ok := stateFrom(ctx); ok {
		addr, account = rs.client.addr, rs.limitKey(email)
	}
	if err := a.limits.attempt(account, addr, time.Now()); err != nil {
		a.Event(ctx, "authn_login_fail_max", "email", email)
		return user{}, err
	}
	u, err := userByEmail(ctx, a.store.db, email)
	if err != nil && !errors.Is(err, ErrNotFound) {
		a.limits.refund(account, addr)
		return user{}, err
	}
	match, outdated, err := a.hasher.verify(ctx, u.passwordHash, password)
	switch {
	case errors.Is(err, errHash):
		a.config.Logger.ErrorContext(ctx, "auth: a user cannot log in", "user", u.id.String(), "error", err)
	case err != nil:
		a.limits.refund(account, addr)
		return user{}, err
	}
	if !match || u.disabled || !u.role.valid() {
		if match && !u.role.valid() {
			a.config.Logger.ErrorContext(ctx, "auth: a user cannot log in: unknown role in the database", "user", u.id.String())
		}
		a.Event(ctx, "authn_login_fail", "email", email)
		return user{}, ErrInvalidCredentials
	}
	a.limits.succeeded(account, addr)
	u.outdated = outdated
	return u, nil
}

// rehashLater replaces the hash of a correct password, in the background, if its
// parameters are outdated.
func (a *Auth) rehashLater(ctx context.Context, u user, password string) {
	if !u.outdated {
		return
	}
	a.inBackground(ctx, func(ctx context.Context) error {
		hash, err := a.hasher.hash(ctx, password)
		if err != nil {
			return err
		}
		_, err = exec(ctx, a.store.db, "replace a password hash", updatePasswordHash, hash, u.id, u.passwordHash)
		return err
	})
}

// LogOut ends the principal's session and any session that has replaced it since the
// login. Sessions on other devices stay.
func (a *Auth) LogOut(ctx context.Context, p Principal) error {
	if err := p.Require(); err != nil {
		return err
	}
	err := a.store.tx(ctx, func(tx *sql.Tx) error {
		// A concurrent replacement has either finished, or will fail.
		if err := lockUser(ctx, tx, p.UserID()); err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		return a.endFamily(ctx, tx, p.session)
	})
	if err != nil {
		return err
	}
	a.Event(ctx, "session_ended", "user", p.UserID().String())
	a.setSession(ctx, Session{})
	return nil
}

// deviceSize is the size of the device cookie: 16 random bytes and the first 16 bytes
// of the SHA-256 of an address.
//
// A browser keeps this cookie after a login. Its failed attempts at that account are
// counted separately, so that nobody can lock a user out by guessing passwords
// elsewhere. The cookie serves no other purpose.
const deviceSize = 16 + 16

// limitKey returns the key for counting attempts at the account with that address.
func (rs *requestState) limitKey(email string) string {
	if device, ok := rs.knownDevice(email); ok {
		return "device " + hex.EncodeToString(device[:16])
	}
	return email
}

// knownDevice returns the content of the device cookie if it is for that address.
func (rs *requestState) knownDevice(email string) (device [deviceSize]byte, ok bool) {
	if rs.device == "" {
		return device, false
	}
	err := rs.auth.deviceSealer.open(rs.device, time.Now(), func(b []byte) error {
		if len(b) != deviceSize {
			return errSealed
		}
		device = [deviceSize]byte(b)
		return nil
	})
	sum := sha256.Sum256([]byte(email))
	return device, err == nil && [16]byte(device[16:]) == [16]byte(sum[:16])
}

// rememberDevice sets the device cookie for that address.
func (rs *requestState) rememberDevice(email string) {
	device, ok := rs.knownDevice(email)
	if !ok {
		sum := sha256.Sum256([]byte(email))
		copy(device[:16], randomBytes(16))
		copy(device[16:], sum[:16])
	}
	rs.auth.setCookie(rs.header, http.Cookie{
		Name:   rs.auth.deviceCookie,
		Value:  rs.auth.deviceSealer.seal(device[:], time.Now()),
		MaxAge: int(maxTimeout / time.Second),
	})
}
