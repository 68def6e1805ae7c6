//authgen:if !adopted
//authgen:sql

package auth

import "context"

const (
	// usersTable is the table of users.
	usersTable = `auth_users`
	// emailIs is the normalized address of a user u.
	emailIs = `u.email`
)

// Statements that change users. userValues and updateProfile are in user.go.
const (
	insertUserRow      = `INSERT INTO auth_users (` + userColumns + `) VALUES (` + userValues + `)`
	updatePasswordHash = `UPDATE auth_users SET password_hash = ? WHERE id = ? AND password_hash = ?`
	//authgen:if manage_users
	updateRole = `UPDATE auth_users SET role = ? WHERE id = ?`
	//authgen:if manage_users
	updateDisabled = `UPDATE auth_users SET disabled = ? WHERE id = ?`
	//authgen:if delete_account
	deleteUserRow = `DELETE FROM auth_users WHERE id = ?`
	endVersion    = `UPDATE auth_users SET session_version = session_version + 1 WHERE id = ?`
)

// scanUser reads the columns of userColumns.
func scanUser(row scanner) (u user, err error) {
	dest := []any{
		&u.id, &u.email, &u.emailVerified, &u.passwordHash, &u.role, &u.disabled, &u.version,
		(*dbTime)(&u.createdAt),
	}
	//authgen:if profile
	dest = append(dest, u.profile.scan()...)
	//authgen:end
	err = row.Scan(dest...)
	return u, err
}

// insertUser inserts a user and sets their id. The error is [ErrEmailTaken] if the address
// already has an account.
func insertUser(ctx context.Context, q querier, u *user) error {
	u.id, u.version = newUserID(u.createdAt), 1
	args := []any{
		u.id, u.email, u.emailVerified, u.passwordHash, u.role, u.disabled, u.version,
		dbTime(u.createdAt),
	}
	//authgen:if profile
	args = append(args, u.profile.values()...)
	//authgen:end
	_, err := exec(ctx, q, "insert a user", insertUserRow, args...)
	if isUniqueViolation(err) {
		return ErrEmailTaken
	}
	return err
}
