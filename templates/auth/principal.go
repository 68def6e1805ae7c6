package auth

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"
)

// Principal is a user whom the database has just confirmed. Outside this package,
// only [Verify] returns a valid one. The zero Principal is no user, and has no role
// and no permission. A function that takes a Principal and starts with one of the
// Require methods refuses callers that did not make the check.
//
// A Principal is valid during one request. Do not keep it.
type Principal struct {
	session    Session
	freshUntil time.Time
	request    *requestState
	login      uint32 // number of the login in the request
}

// Valid reports whether the Principal comes from [Verify] and its session has not
// ended or been replaced during the request.
func (p Principal) Valid() bool {
	return p.session.exists() && p.request != nil && p.request.logins.Load() == p.login
}

// UserID returns the user's id.
func (p Principal) UserID() UserID { return p.session.userID }

// Role returns the user's role, as it is in the database.
func (p Principal) Role() Role { return p.session.role }

// Method returns how the user last authenticated, and 0 for the zero Principal.
func (p Principal) Method() Method { return p.session.method }

// Has reports whether the user's role grants the permission.
//
//authgen:if permissions
func (p Principal) Has(permission Permission) bool { return p.Valid() && p.Role().Has(permission) }

// AtLeast reports whether the user's role is the given one or a higher one.
func (p Principal) AtLeast(role Role) bool { return p.Valid() && p.Role().AtLeast(role) }

// Fresh reports whether the user's password was checked recently enough to
// change credentials, sessions and roles.
func (p Principal) Fresh() bool { return p.Valid() && time.Now().Before(p.freshUntil) }

// Format implements [fmt.Formatter].
func (p Principal) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "user %s, role %s", p.UserID(), p.Role())
}

// LogValue implements [slog.LogValuer].
func (p Principal) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(p)) }

// Require returns nil if the Principal is valid, and [ErrUnauthenticated] otherwise.
// The guards use this method and those below. Start each method of a data access
// layer with one of them.
func (p Principal) Require() error {
	if !p.Valid() {
		return ErrUnauthenticated
	}
	return nil
}

// RequireRole returns nil if the user's role is the given one or a higher one, and
// [ErrUnauthenticated] or [ErrForbidden] otherwise.
func (p Principal) RequireRole(role Role) error {
	if err := p.Require(); err != nil {
		return err
	}
	if !p.AtLeast(role) {
		return ErrForbidden
	}
	return nil
}

// RequirePermission returns nil if the user's role grants the permission, and
// [ErrUnauthenticated] or [ErrForbidden] otherwise.
//
//authgen:if permissions
func (p Principal) RequirePermission(permission Permission) error {
	if err := p.Require(); err != nil {
		return err
	}
	if !p.Has(permission) {
		return ErrForbidden
	}
	return nil
}

// RequireFresh returns nil if the user's credentials were checked recently enough
// to change credentials, sessions and roles, and [ErrUnauthenticated] or
// [ErrReauthenticationRequired] otherwise.
func (p Principal) RequireFresh() error {
	if err := p.Require(); err != nil {
		return err
	}
	if !p.Fresh() {
		return ErrReauthenticationRequired
	}
	return nil
}

// Verify is the secure check: it asks the database whether the session of the
// request that ctx belongs to is valid, and returns its user. It runs one SQL
// statement. Later calls in the same request return the same result, so limit how
// long a handler that streams may run.
//
// The error is [ErrUnauthenticated] if there is no valid session. Any other error
// means that the check failed.
//
// Verify may set the session cookie. If no guard has called it before, call it in
// the handler's own goroutine, before you write the answer.
func Verify(ctx context.Context) (Principal, error) {
	rs, ok := stateFrom(ctx)
	if !ok {
		return Principal{}, ErrUnauthenticated
	}
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if !rs.checked {
		rs.principal, rs.err = rs.auth.verify(ctx, rs)
		rs.checked = rs.err == nil || errors.Is(rs.err, ErrUnauthenticated)
	}
	return rs.principal, rs.err
}

// verify is Verify without the cache. The caller has locked rs.
func (a *Auth) verify(ctx context.Context, rs *requestState) (Principal, error) {
	if !rs.session.exists() {
		return Principal{}, ErrUnauthenticated
	}
	now := time.Now()
	s, err := a.checkSession(ctx, nil, rs.session, now)
	if err != nil {
		return Principal{}, err
	}
	if !a.live(s, now) {
		return Principal{}, ErrUnauthenticated
	}
	// Set a new cookie if the role has changed, and often enough for the session
	// not to become idle.
	renew := s.role != rs.session.role || now.Sub(rs.session.seenAt) >= a.renewEvery(s.role)
	//authgen:if bridge
	renew = renew || rs.session.legacy
	//authgen:end
	if renew {
		s.seenAt = now
		rs.session = s
		a.setSessionCookie(rs.header, s)
	}
	return Principal{
		session:    s,
		freshUntil: s.authenticatedAt.Add(a.config.FreshFor),
		request:    rs,
		login:      rs.logins.Load(),
	}, nil
}

// Tx runs f in a transaction that has checked the principal again, and that locks
// the rows of the principal and of the other users. The session may have ended, or
// the role changed, since the guard ran. If f returns an error, Tx rolls back and
// returns it.
func (a *Auth) Tx(ctx context.Context, p Principal, f func(tx *sql.Tx) error, others ...UserID) error {
	if err := p.Require(); err != nil {
		return err
	}
	ids := append(slices.Clone(others), p.UserID())
	// Always in the same order, so that transactions do not deadlock.
	slices.SortFunc(ids, UserID.compare)
	return a.store.tx(ctx, func(tx *sql.Tx) error {
		for _, id := range ids {
			err := lockUser(ctx, tx, id)
			if errors.Is(err, ErrNotFound) && id == p.UserID() {
				return ErrUnauthenticated
			}
			if err != nil {
				return err
			}
		}
		s, err := a.checkSession(ctx, tx, p.session, time.Now())
		switch {
		case err != nil:
			return err
		case s.role != p.Role():
			return ErrForbidden
		}
		return f(tx)
	})
}

// Role ranks a user: a higher role can do everything that the lower ones can. The
// zero Role is invalid: it is below all others, grants nothing and is never stored.
// The roles are listed in roles.go.
type Role uint8

// ParseRole returns the role with that name. It is case-sensitive.
func ParseRole(name string) (Role, error) { return parseRole([]byte(name)) }

var errRole = errors.New("auth: no such role")

// parseRole does not allocate.
func parseRole(name []byte) (Role, error) {
	for i, known := range roleNames {
		if i > 0 && string(name) == known {
			return Role(i), nil
		}
	}
	return 0, errRole
}

// String returns the role's name.
func (r Role) String() string {
	if int(r) < len(roleNames) {
		return roleNames[r]
	}
	return fmt.Sprintf("Role(%d)", uint8(r))
}

// AtLeast reports whether r is the given role or a higher one.
func (r Role) AtLeast(role Role) bool { return r.valid() && r >= role }

// Has reports whether the role, or a lower one, grants the permission.
//
//authgen:if permissions
func (r Role) Has(p Permission) bool { return p != 0 && r.valid() && grants[r]&p == p }

// sensitive reports whether sessions of the role have the shorter timeouts.
func (r Role) sensitive() bool { return r.valid() && sensitiveRoles[r] }

func (r Role) valid() bool { return r > 0 && int(r) < len(roleNames) }

// MarshalText implements [encoding.TextMarshaler]. The zero Role is empty.
func (r Role) MarshalText() ([]byte, error) {
	if int(r) >= len(roleNames) {
		return nil, errRole
	}
	return []byte(r.String()), nil
}

// UnmarshalText implements [encoding.TextUnmarshaler].
func (r *Role) UnmarshalText(name []byte) (err error) {
	*r, err = parseRole(name)
	return err
}

// Value implements [driver.Valuer].
//
//authgen:if !role_values
func (r Role) Value() (driver.Value, error) {
	if !r.valid() {
		return nil, errRole
	}
	return r.String(), nil
}

// Scan implements [database/sql.Scanner]. It reads an unknown name, such as that of
// a role that was removed, and NULL as the zero Role. A user with the zero Role cannot do
// anything, not even log in.
//
//authgen:if !role_values
func (r *Role) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*r = 0
		return nil
	case string:
		*r, _ = parseRole([]byte(v))
		return nil
	case []byte:
		*r, _ = parseRole(v)
		return nil
	}
	return fmt.Errorf("auth: cannot read a role from %T", src)
}
