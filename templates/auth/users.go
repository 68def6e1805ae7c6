package auth

import (
	"context"
	"database/sql"
	"fmt"
)

// DAL is the data access layer for users. Its methods take a [Principal] and check
// it, so a handler without a guard gets an error and no data. They return DTOs,
// which hold only what the principal may see.
type DAL struct {
	auth *Auth
}

// DAL returns the data access layer.
func (a *Auth) DAL() DAL { return DAL{a} }

// Me returns the principal's own account.
func (d DAL) Me(ctx context.Context, p Principal) (User, error) {
	return d.User(ctx, p, p.UserID())
}

// User returns the account of a user: the principal's own, or any if the principal
// may read users. Otherwise the error is [ErrNotFound], whether the account exists
// or not.
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

// ownView returns the view of u's own account.
func ownView(u user) view { return view{u.id, u.role} }

// sees reports whether the viewer may read the account with that id.
func (v view) sees(id UserID) bool {
	//authgen:if manage_users
	if v.role.Has(PermissionUsersRead) {
		return true
	}
	//authgen:end
	return v.id == id
}

// PublicUsers returns what everybody, visitors included, may see of the users, by
// id. It omits users who do not exist. It takes at most 100 ids and runs one SQL
// statement.
//
//authgen:if public_profile
func (d DAL) PublicUsers(ctx context.Context, ids ...UserID) (map[UserID]PublicUser, error) {
	if len(ids) > maxPublicUsers {
		return nil, fmt.Errorf("auth: PublicUsers takes at most %d ids, not %d", maxPublicUsers, len(ids))
	}
	users, err := usersByIDs(ctx, d.auth.store.db, ids)
	if err != nil {
		return nil, err
	}
	public := make(map[UserID]PublicUser, len(users))
	for _, u := range users {
		public[u.id] = newPublicUser(u)
	}
	return public, nil
}

// maxPublicUsers is the most users that PublicUsers looks up.
//
//authgen:if public_profile
const maxPublicUsers = 100

// UpdateProfile changes the non-nil fields in the principal's profile.
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
		if err := in.update(ctx, tx, p.UserID()); err != nil {
			return err
		}
		var err error
		u, err = userByID(ctx, tx, p.UserID())
		return err
	})
	if err != nil {
		return User{}, err
	}
	d.auth.Event(ctx, "user_updated", "user", u.id.String())
	return newUser(u, p.view()), nil
}

// UserPage is a page of the list of users.
//
//authgen:if manage_users
type UserPage struct {
	Users []User `json:"users"`
	// Next is the cursor of the next page, or the zero UserID on the last page.
	Next UserID `json:"next,omitzero"`
}

// maxUsersPage is the most users on a page.
//
//authgen:if manage_users
const maxUsersPage = 100

// Users lists up to limit users after the cursor, in the order of their sign-up.
// The principal must have [PermissionUsersRead].
//
//authgen:if manage_users
func (d DAL) Users(ctx context.Context, p Principal, after UserID, limit int) (UserPage, error) {
	if err := p.RequirePermission(PermissionUsersRead); err != nil {
		return UserPage{}, err
	}
	if limit < 1 || limit > maxUsersPage {
		return UserPage{}, NewInputError("limit", "out_of_range", fmt.Sprintf("must be from 1 to %d", maxUsersPage))
	}
	// One more than limit shows whether there is a next page.
	users, err := usersAfter(ctx, d.auth.store.db, after, limit+1)
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

// SetRole changes the role of another user and ends their sessions. The principal
// must be fresh, have [PermissionUsersWrite], and have a higher role than the user,
// or the highest. Nobody can assign a role above their own.
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

// highestRole is the highest role.
//
//authgen:if manage_users
const highestRole = Role(len(roleNames) - 1)

// SetDisabled disables or enables the account of another user and ends their
// sessions. The principal needs the same rights as for [DAL.SetRole].
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

// EndUserSessions ends all sessions of another user. The principal needs the same
// rights as for [DAL.SetRole].
//
//authgen:if manage_users
func (d DAL) EndUserSessions(ctx context.Context, p Principal, id UserID) error {
	if err := d.manage(ctx, p, id, EndedByOperator, func(*sql.Tx) error { return nil }); err != nil {
		return err
	}
	d.auth.Event(ctx, "sessions_ended", "user", id.String(), "by", p.UserID().String())
	return nil
}

// manage runs change and ends all sessions of another user, in one transaction. See
// [DAL.SetRole] for who may do that. Nobody can manage their own account, so that
// nobody loses a role or access by mistake.
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
