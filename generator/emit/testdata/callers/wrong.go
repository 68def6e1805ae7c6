// Package auth has every kind of wrong use of what only one function may use.
package auth

type Auth struct{}

const deleteUserRow = "DELETE FROM auth_users WHERE id = ?"

func (a *Auth) startSession() {}

func (a *Auth) endSessions() {}

func (a *Auth) removeRows() {}

func (a *Auth) finish() { a.startSession() }

func (a *Auth) endAll() { a.endSessions() }

func (a *Auth) deleteUser() string { return deleteUserRow }

func (a *Auth) sweep() {
	go func() { a.removeExpired() }()
}

func (a *Auth) removeExpired() {}

// All uses below are wrong.

func (a *Auth) LogIn() { a.startSession() }

var start = (*Auth).startSession

func (a *Auth) SetPassword() { defer a.endSessions() }

func prune(a *Auth) func() { return a.removeExpired }

const deleteUserToo = deleteUserRow + " LIMIT 1"

type other struct{}

// A method with the same name on another type is another function.
func (other) finish(a *Auth) { a.startSession() }

// A constant with the same name in a function is another constant.
func (other) deleteUser() { const deleteUserRow = 1; _ = deleteUserRow }
