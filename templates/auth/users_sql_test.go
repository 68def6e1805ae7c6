//authgen:if !adopted

package auth

// Statements with which tests change users as an application or an operator might.
const (
	changeEmail    = `UPDATE auth_users SET email = ? WHERE id = ?`
	changePassword = `UPDATE auth_users SET password_hash = ? WHERE id = ?`
	changeRole     = `UPDATE auth_users SET role = ? WHERE id = ?`
	changeDisabled = `UPDATE auth_users SET disabled = ? WHERE id = ?`
	dropUser       = `DELETE FROM auth_users WHERE id = ?`
)

// loseRole are statements that leave a user without a role.
var loseRole = []string{
	`UPDATE auth_users SET role = 'removed' WHERE id = ?`,
	`UPDATE auth_users SET role = 'Admin ' WHERE id = ?`,
	`UPDATE auth_users SET role = '' WHERE id = ?`,
}
