package authtest

import (
	"testing"

	"github.com/authgen/authgen/templates/auth"
)

// Run attacks the application: each subtest is one thing that must not work.
//
// It creates users, so the application must be on a database for tests, and it
// comes to fail so many log-ins that its address is refused: let nothing else
// sign in over HTTP to the same Auth afterwards. All requests come from this
// machine, which must not be one of the trusted proxies.
func Run(t *testing.T, app App) {
	s := serve(t, app)
	member := s.user(t, auth.DefaultRole)
	for _, a := range attacks() {
		t.Run(a.name, func(t *testing.T) { a.run(t, member.holding(member.token)) })
		// Whatever an attack was, a bystander does not notice.
		member.alive(t, "after "+a.name)
	}
}

// attack is tried by a visitor who is signed in, with the default role, in a
// session that other attacks still need.
type attack struct {
	name string
	run  func(t *testing.T, member *visitor)
}

// attacks are in the order in which they are run: the last ones leave behind an
// address that may not sign in any more.
func attacks() []attack {
	return []attack{
		{"a session from before the log-in is not taken over", presetSession},
		{"a log-in as somebody else ends the session before it", logInAsSomebodyElse},
		{"re-authentication ends the session before it", reauthentication},
		{"a session is over at log-out", replayAfterLogOut},
		{"log-out on one device is not log-out on another", logOutOnOneDevice},
		{"other sessions can be ended", endOtherSessions},
		{"a change of password ends all sessions", passwordChange},
		{"the session cookie has the strictest attributes", cookieAttributes},
		{"a session is taken from the cookie alone", sessionElsewhere},
		{"garbage is no session", garbageSession},
		{"two session cookies are none", twoSessions},
		{"visitors get no session", noSessionForVisitors},

		{"a cookie with a changed byte is refused", changedCookie},
		{"a shorter or longer cookie is refused", resizedCookie},
		{"the cookie shows nothing of the user", legibleCookie},

		{"a password must be right to the letter", inexactPassword},
		{"a password is not cut off", longPassword},
		{"a password must be text", passwordOfAnotherType},
		{"a password is only changed by who knows it", passwordChangeWithoutPassword},
		{"a log-in is not a GET request", logInByGet},
		{"a log-in does not tell who has an account", enumeration},

		{"other sites cannot call an unsafe route", crossSite},
		{"other origins cannot call an unsafe route", crossOrigin},
		{"a body must be declared as JSON", undeclaredJSON},
		{"safe methods change nothing", safeMethods},

		{"only registered methods are served", otherMethods},
		{"HEAD needs what GET does", headWithoutSession},
		{"headers say nothing of who it is or what is asked for", trustedHeaders},
		{"a path by another name is no way around a guard", otherSpellings},

		{"JSON is read strictly", malformedJSON},
		{"a body cannot be large", largeBody},
		{"a body that ends early is refused", shortBody},
		{"a body cannot be compressed", encodedBody},
		{"SQL is text", sqlInInput},
		{"control characters are refused", nulInInput},

		{"answers have the security headers", securityHeaders},
		{"answers about a user are not kept", cachedAnswers},
		{"log-out clears the browser", clearedBrowser},
		//authgen:if session_database
		{"the session of somebody else is out of reach", sessionOfSomebodyElse},
		//authgen:end
		//authgen:if signup
		{"an address has one account, however many sign up at once", parallelSignUps},
		{"only plain addresses sign up", strangeAddresses},
		{"sign-up gives nothing but the default role", privilegedSignUp},
		{"who is signed in does not sign up", signUpWhileSignedIn},
		//authgen:end
		//authgen:if delete_account
		{"a deleted user is signed out", deletedUser},
		//authgen:end
		//authgen:if manage_users
		{"a disabled user is signed out for good", disabledUser},
		{"a change of role ends all sessions", roleChange},
		{"sessions that an administrator ends are over", endedByAdministrator},
		{"the account of somebody else is out of reach", accountOfSomebodyElse},
		{"nobody acts on who is above them", actingUpwards},
		{"administrators do not set passwords", passwordOfSomebodyElse},
		//authgen:end

		// These two come last: after them, this address has to wait.
		{"an account is only guessed at so often", guessing},
		{"an address only guesses so often, whatever it says it is", guessingFromOneAddress},
	}
}

// route is a route of the package, with a body that is valid but does nothing
// good for whoever sends it.
type route struct {
	method, path, body string
	public             bool
}

func routes() []route {
	//authgen:if manage_users
	user := "users/" + auth.UserID{}.String()
	//authgen:end
	return []route{
		//authgen:if signup
		{"POST", "signup", object("email", newEmail(), "password", newPassword()), true},
		//authgen:end
		{"POST", "login", object("email", newEmail(), "password", newPassword()), true},
		{"POST", "logout", "", false},
		{"POST", "reauthenticate", object("password", newPassword()), false},
		{"GET", "me", "", false},
		//authgen:if own_profile
		{"PATCH", "me", "{}", false},
		//authgen:end
		{"POST", "password", object("current", newPassword(), "new", newPassword()), false},
		//authgen:if session_database
		{"GET", "sessions", "", false},
		{"DELETE", "sessions/0", "", false},
		//authgen:end
		{"DELETE", "sessions", "", false},
		//authgen:if delete_account
		{"DELETE", "me", "", false},
		//authgen:end
		//authgen:if manage_users
		{"GET", "users", "", false},
		{"GET", user, "", false},
		{"PUT", user + "/role", object("role", auth.DefaultRole), false},
		{"PUT", user + "/disabled", object("disabled", true), false},
		{"DELETE", user + "/sessions", "", false},
		//authgen:end
	}
}

// unsafe reports whether the route may change something.
func (r route) unsafe() bool { return r.method != "GET" }
