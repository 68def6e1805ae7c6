package authtest

import (
	"strings"
	"testing"

	"github.com/authgen/authgen/templates/auth"
)

// Run attacks the application: each subtest is one thing that must not work. Those
// about every route go through the application's table. The others find theirs in
// it by name; where it is not there, they are skipped, which is logged at the end.
//
// It creates users, so the application must be on a database for tests, and it
// comes to fail so many logins that its address is refused: let nothing else
// log in over HTTP to the same Auth afterwards. All requests come from this
// machine, which must not be one of the trusted proxies.
func Run(t *testing.T, app App) {
	if len(app.Routes) == 0 {
		t.Fatal("authtest: App.Routes must be the table that was given to Register")
	}
	s := newSite(t, app)
	member := s.user(t, auth.DefaultRole)
	all, ran := attacks(), 0
	var skipped []string
	for _, a := range all {
		if missing := s.missing(strings.Fields(a.needs)); len(missing) > 0 {
			skipped = append(skipped, a.name+" ("+strings.Join(missing, ", ")+")")
			continue
		}
		t.Run(a.name, func(t *testing.T) {
			ran++
			a.run(t, member.holding(member.token))
		})
		// Whatever an attack was, a bystander does not notice.
		member.alive(t, "after "+a.name)
	}
	if len(skipped) == 0 {
		t.Logf("authtest: %d of %d attacks ran", ran, len(all))
		return
	}
	t.Logf("authtest: %d of %d attacks ran; skipped for want of a route: %s", ran, len(all), strings.Join(skipped, "; "))
}

// attack is tried by a visitor who is logged in, with the default role, in a
// session that other attacks still need.
type attack struct {
	name  string
	run   func(t *testing.T, member *visitor)
	needs string // the names of routes
}

// attacks are in the order in which they are run: the last ones leave behind an
// address that may not log in any more.
func attacks() []attack {
	return []attack{
		{"a session from before the log-in is not taken over", presetSession, "logout"},
		{"a log-in as somebody else ends the session before it", logInAsSomebodyElse, ""},
		{"re-authentication ends the session before it", reauthentication, "reauthenticate"},
		{"a session is over at log-out", replayAfterLogOut, "logout"},
		{"log-out ends what descends from the session", logOutDuringReauthentication, "logout reauthenticate"},
		{"log-out on one device is not log-out on another", logOutOnOneDevice, "logout"},
		{"other sessions can be ended", endOtherSessions, "sessions.end"},
		{"a change of password ends all sessions", passwordChange, "password"},
		{"the session cookie has the strictest attributes", cookieAttributes, ""},
		{"a session is taken from the cookie alone", sessionElsewhere, ""},
		{"garbage is no session", garbageSession, ""},
		{"a cookie that cannot be opened is left alone", unreadableSession, ""},
		{"two session cookies are none", twoSessions, ""},
		{"visitors get no session", noSessionForVisitors, ""},

		{"a user whose role is too low is refused", lowRole, ""},
		{"a user whose password was not checked recently is refused", staleSession, ""},

		{"a cookie with a changed byte is refused", changedCookie, ""},
		{"a shorter or longer cookie is refused", resizedCookie, ""},
		{"the cookie shows nothing of the user", legibleCookie, ""},

		{"a password must be right to the letter", inexactPassword, ""},
		{"a password is not cut off", longPassword, ""},
		{"a password must be text", passwordOfAnotherType, ""},
		{"a password is only changed by who knows it", passwordChangeWithoutPassword, "password"},
		{"a log-in is not a GET request", logInByGet, "login"},
		{"a log-in does not tell who has an account", enumeration, ""},

		{"other sites cannot call an unsafe route", crossSite, ""},
		{"other origins cannot call an unsafe route", crossOrigin, ""},
		{"a body must be declared as JSON", undeclaredJSON, ""},
		{"safe methods change nothing", safeMethods, ""},

		{"only registered methods are served", otherMethods, ""},
		{"HEAD needs what GET does", headWithoutSession, ""},
		{"headers say nothing of who it is or what is asked for", trustedHeaders, ""},
		{"a path by another name is no way around a guard", otherSpellings, ""},

		{"JSON is read strictly", malformedJSON, ""},
		{"a body cannot be large", largeBody, ""},
		{"a body that ends early is refused", shortBody, ""},
		{"a body cannot be compressed", encodedBody, ""},
		{"SQL is text", sqlInInput, ""},
		{"control characters are refused", nulInInput, ""},

		{"answers have the security headers", securityHeaders, ""},
		{"answers about a user are not kept", cachedAnswers, ""},
		{"log-out clears the browser", clearedBrowser, "logout"},
		//authgen:if session_database
		{"the session of somebody else is out of reach", sessionOfSomebodyElse, "sessions session.end"},
		//authgen:end
		//authgen:if signup
		{"an address has one account, however many sign up at once", parallelSignUps, "signup"},
		{"only plain addresses sign up", strangeAddresses, "signup"},
		{"sign-up gives nothing but the default role", privilegedSignUp, "signup"},
		{"who is signed in does not sign up", signUpWhileSignedIn, "signup"},
		//authgen:end
		//authgen:if delete_account
		{"a deleted user is signed out", deletedUser, "me.delete"},
		//authgen:end
		//authgen:if manage_users
		{"a disabled user is signed out for good", disabledUser, "user.disabled"},
		{"a change of role ends all sessions", roleChange, "user.role"},
		{"sessions that an administrator ends are over", endedByAdministrator, "user.sessions.end"},
		{"the account of somebody else is out of reach", accountOfSomebodyElse, ""},
		{"nobody acts on who is above them", actingUpwards, ""},
		{"administrators do not set passwords", passwordOfSomebodyElse, "user"},
		//authgen:end

		// These two come last: after them, this address has to wait.
		{"an account is only guessed at so often", guessing, ""},
		{"an address only guesses so often, whatever it says it is", guessingFromOneAddress, ""},
	}
}
