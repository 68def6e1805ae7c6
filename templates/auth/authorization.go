package auth

import (
	"database/sql/driver"
	"errors"
	"fmt"
)

// Role is what a user is. Roles are ordered: a higher one can do all that the
// lower ones can. The zero Role is none: it is below all others, grants nothing,
// and is not to be found in the database. The roles are listed in roles.go.
type Role uint8

// ParseRole returns the role of that name, spelled exactly so.
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

// Has reports whether the role grants the permission, itself or by a lower role.
//
//authgen:if permissions
func (r Role) Has(p Permission) bool { return p != 0 && r.valid() && grants[r]&p == p }

// sensitive reports whether sessions of the role have the shorter limits.
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
func (r Role) Value() (driver.Value, error) {
	if !r.valid() {
		return nil, errRole
	}
	return r.String(), nil
}

// Scan implements [database/sql.Scanner]. A name that is no role's, such as that
// of a role which is no longer used, is read as the zero Role: whoever has it can
// do nothing, not even sign in, until somebody gives them another.
func (r *Role) Scan(src any) error {
	switch v := src.(type) {
	case string:
		*r, _ = parseRole([]byte(v))
		return nil
	case []byte:
		*r, _ = parseRole(v)
		return nil
	}
	return fmt.Errorf("auth: cannot read a role from %T", src)
}
