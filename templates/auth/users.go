package auth

import (
	"context"
	"database/sql"
	"fmt"
)

// DAL is the data access layer: the way to the data about users. Every method
// takes a [Principal] and decides by it, so a handler that lacks its guard gets
// an error instead of data, and returns DTOs, which hold what this viewer may
// see and nothing else.
type DAL struct {
	auth *Auth
}

// DAL returns the data access layer.
func (a *Auth) DAL() DAL { return DAL{a} }

// Me returns the principal's own account.
func (d DAL) Me(ctx context.Context, p Principal) (User, error) {
	return d.User(ctx, p, p.UserID())
}

// User returns the account of a user: one's own, or any for principals who may
// read users. For others it is [ErrNotFound], whether it exists or not.
func (d DAL) User(ctx context.Context, p Principal, id UserID) (User, error) {
	if err := p.Require(); err != nil {
		return User{}, err
	}
	v := p.view()
	if !v.sees(id) {
		d.auth.Event(ctx, "authz_fail", "user", id.String())
		return User{}, ErrNotFound
	}
	u, err := userByID(ctx, d.auth.store.db, id)
	if err != nil {
		return User{}, err
	}
	return newUser(u, v), nil
}

// view identifies the viewer for whom a DTO is built.
type view struct {
	id   UserID
	role Role
}

func (p Principal) view() view { return view{p.UserID(), p.Role()} }

// ownView is the view of a user of their own account.
func ownView(u user) view { return view{u.id, u.role} }

// sees reports whether the viewer may read the account of a user.
func (v view) sees(id UserID) bool {
	//authgen:if manage_users
	if v.role.Has(PermissionUsersRead) {
		return true
	}
	//authgen:end
	return v.id == id
}

// PublicUsers returns what anybody, visitors included, may know of users, by their
// ids. Those that there are not are left out. It takes one statement, and at most
// 100 ids.
//
//authgen:if public_profile
func (d DAL) PublicUsers(ctx context.Context, ids ...UserID) (map[UserID]PublicUser, error) {
	if len(ids) > maxPublicUsers {
		return nil, fmt.Errorf("auth: PublicUsers of %d ids, more than %d", len(ids), maxPublicUsers)
	}
	users, err := d.auth.store.usersByIDs(ctx, ids)
	if err != nil {
		return nil, err
	}
	public := make(map[UserID]PublicUser, len(users))
	for _, u := range users {
		public[u.id] = newPublicUser(u)
	}
	return public, nil
}

// maxPublicUsers is how many users are looked up at once.
//
//authgen:if public_profile
const maxPublicUsers = 100

// UpdateProfile changes the fields of the principal's profile that are given.
//
//authgen:if own_profile
func (d DAL) UpdateProfile(ctx context.Context, p Principal, in ProfileInput) (User, error) {
	if err := p.Require(); err != nil {
		return User{}, err
	}
	//authgen:if own_text
	var invalid InputError
	in.check(&invalid)
	if err := invalid.err(); err != nil {
		return User{}, err
	}
	//authgen:end
	var u user
	err := d.auth.Tx(ctx, p, func(tx *sql.Tx) error {
		_, err := exec(ctx, tx, "update a profile", updateProfile, append(in.updates(), p.UserID())...)
		if err != nil {
			return err
		}
		u, err = userByID(ctx, tx, p.UserID())
		return err
	})
	if err != nil {
		return User{}, err
	}
	d.auth.Event(ctx, "user_updated", "user", u.id.String())
	return newUser(u, p.view()), nil
}

// UserPage is a part of the list of users.
//
//authgen:if manage_users
type UserPage struct {
	Users []User `json:"users"`
	// Next is the cursor of the next part; the zero UserID after the last one.
	Next UserID `json:"next,omitzero"`
}

// maxUsersPage is how many users one page may hold.
//
//authgen:if manage_users
const maxUsersPage = 100

// Users lists up to limit users in the order of their sign-up, those after the
// cursor. The principal must have [PermissionUsersRead].
//
//authgen:if manage_users
func (d DAL) Users(ctx context.Context, p Principal, after UserID, limit int) (UserPage, error) {
	if err := p.RequirePermission(PermissionUsersRead); err != nil {
		return UserPage{}, err
	}
	if limit < 1 || limit > maxUsersPage {
		return UserPage{}, NewInputError("limit", "out_of_range", fmt.Sprintf("must be from 1 to %d", maxUsersPage))
	}
	// One more tells whether there is a next page.
	users, err := d.auth.store.usersAfter(ctx, after, limit+1)
	if err != nil {
		return UserPage{}, err
	}
	page := UserPage{Users: []User{}} // not null in JSON
	for i, u := range users {
		if i == limit {
			page.Next = users[i-1].id
			break
		}
		page.Users = append(page.Users, newUser(u, p.view()))
	}
	return page, nil
}

// SetRole gives a user another role and ends their sessions. See
// [DAL.manage] for who may do that; nobody can give a role above their own.
//
//authgen:if manage_users
func (d DAL) SetRole(ctx context.Context, p Principal, id UserID, role Role) error {
	if err := p.RequirePermission(PermissionUsersWrite); err != nil {
		return err
	}
	if !role.valid() {
		return NewInputError("role", errNotARole.Code, errNotARole.Text)
	}
	err := d.manage(ctx, p, id, RoleChanged, func(tx *sql.Tx) error {
		if !p.Role().AtLeast(role) {
			return ErrForbidden
		}
		_, err := exec(ctx, tx, "set a role", updateRole, role, id)
		return err
	})
	if err != nil {
		return err
	}
	d.auth.Event(ctx, "authz_change", "user", id.String(), "by", p.UserID().String(), "role", role.String())
	return nil
}

// highestRole is the role that no other is above.
//
//authgen:if manage_users
const highestRole = Role(len(roleNames) - 1)

// SetDisabled locks a user out, or lets them in again, and ends their sessions.
// See [DAL.manage] for who may do that.
//
//authgen:if manage_users
func (d DAL) SetDisabled(ctx context.Context, p Principal, id UserID, disabled bool) error {
	err := d.manage(ctx, p, id, UserDisabled, func(tx *sql.Tx) error {
		_, err := exec(ctx, tx, "disable a user", updateDisabled, disabled, id)
		return err
	})
	if err != nil {
		return err
	}
	d.auth.Event(ctx, "user_updated", "user", id.String(), "by", p.UserID().String(), "disabled", disabled)
	return nil
}

// EndUserSessions ends all sessions of a user. See [DAL.manage] for who may do that.
//
//authgen:if manage_users
func (d DAL) EndUserSessions(ctx context.Context, p Principal, id UserID) error {
	if err := d.manage(ctx, p, id, EndedByOperator, func(*sql.Tx) error { return nil }); err != nil {
		return err
	}
	d.auth.Event(ctx, "sessions_ended", "user", id.String(), "by", p.UserID().String())
	return nil
}

// manage runs change and ends all sessions of another user, in one transaction.
// The principal must be fresh, have [PermissionUsersWrite], and be above the
// user, or of the highest role. Nobody manages themselves, so that nobody loses
// a role or access by a slip.
//
//authgen:if manage_users
func (d DAL) manage(ctx context.Context, p Principal, id UserID, why EndReason, change func(*sql.Tx) error) error {
	if err := p.RequirePermission(PermissionUsersWrite); err != nil {
		return err
	}
	if err := p.RequireFresh(); err != nil {
		return err
	}
	if id == p.UserID() {
		return ErrForbidden
	}
	return d.auth.Tx(ctx, p, func(tx *sql.Tx) error {
		u, err := userByID(ctx, tx, id)
		if err != nil {
			return err
		}
		if u.role.AtLeast(p.Role()) && p.Role() != highestRole {
			return ErrForbidden
		}
		if err := change(tx); err != nil {
			return err
		}
		return d.auth.endAll(ctx, tx, id, why)
	}, id)
}
