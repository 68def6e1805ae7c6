//authgen:if adopted

package auth

const (
	// usersTable selects users: what the table of the application has, and what this
	// package adds in auth_accounts. A user who has not logged in yet has no row there.
	usersTable = `(SELECT 1)` //authgen:value users_table
	// emailIs is the normalized address of a user u.
	emailIs = `u.email` //authgen:value email_is
)

// Statements that change users.
const (
	insertUserRow      = `INSERT INTO people`        //authgen:value insert_user
	insertAccountRow   = `INSERT INTO auth_accounts` //authgen:value insert_account
	updatePasswordHash = `UPDATE people`             //authgen:value update_password
	//authgen:if manage_users
	updateRole = `UPDATE people` //authgen:value update_role
	//authgen:if manage_users
	updateDisabled = `UPDATE people` //authgen:value update_disabled
	//authgen:if delete_account
	deleteUserRow = `DELETE FROM people` //authgen:value delete_user
	// lockUserRow makes other writers of the rows wait.
	lockUserRow = `UPDATE people` //authgen:value lock_user
)
