//authgen:if adopted

package auth

// Statements with which tests change users as an application or an operator might.
const (
	changeEmail    = `UPDATE people`      //authgen:value set_email
	changePassword = `UPDATE people`      //authgen:value set_password
	changeRole     = `UPDATE people`      //authgen:value set_role
	changeDisabled = `UPDATE people`      //authgen:value set_disabled
	dropUser       = `DELETE FROM people` //authgen:value drop_user
)

// loseRole are statements that leave a user without a role.
var loseRole = []string{
	`UPDATE people`, //authgen:value lose_role
}
