// Package auth has each wrong use of what only one function may use.
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

// From here on all is wrong.

func (a *Auth) LogIn() { a.startSession() }

var start = (*Auth).startSession

func (a *Auth) SetPassword() { defer a.endSessions() }

func prune(a *Auth) func() { return a.removeExpired }

const deleteUserToo = deleteUserRow + " LIMIT 1"

type other struct{}

// A function of the same name is not the one.
func (other) finish(a *Auth) { a.startSession() }

// Nor is what has the same name.
func (other) deleteUser() { const deleteUserRow = 1; _ = deleteUserRow }
