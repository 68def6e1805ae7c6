package authtest

import (
	"strings"
	"testing"

	"github.com/authgen/authgen/templates/auth"
)

// Run attacks the application. Each subtest is an attack that must fail. Some attacks
// try every route in app.Routes; the others find their routes there by name, and are
// skipped if one is missing. The skipped attacks are logged at the end.
//
// Run creates users, so the application must use a database for tests. Its failed
// logins trip the rate limit; do not log in to the same Auth over HTTP afterwards.
// All requests come from this machine, which must not be a trusted proxy.
func Run(t *testing.T, app App) {
	if len(app.Routes) == 0 {
		t.Fatal("authtest: App.Routes is empty: set it to the table of routes that Register got")
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
		// No attack may end the session of a bystander.
		member.alive(t, "after "+a.name)
	}
	for _, e := range s.table {
		if s.AllowsCrossOrigin(e.Name) {
			t.Logf("authtest: route %q may be called from other origins, as Config.AllowCrossOrigin says", e.Name)
		}
	}
	if len(skipped) == 0 {
		t.Logf("authtest: %d of %d attacks ran", ran, len(all))
		return
	}
	t.Logf("authtest: %d of %d attacks ran; skipped, since the routes in parentheses are missing: %s", ran, len(all), strings.Join(skipped, "; "))
}

// attack is something that must not work. The member is logged in with the default
// role, in a session that other attacks still need.
type attack struct {
	name  string
	run   func(t *testing.T, member *visitor)
	needs string // the names of routes, separated by spaces
}

// attacks returns the attacks in the order in which they run: after the last ones,
// the rate limit refuses logins from this machine.
func attacks() []attack {
	return []attack{
		{"a session from before the login does not survive it", presetSession, "logout"},
		{"a login as somebody else ends the previous session", logInAsSomebodyElse, ""},
		{"re-authentication ends the previous session", reauthentication, "reauthenticate"},
		{"a logout ends the session", replayAfterLogOut, "logout"},
		{"a logout ends the session that replaced the old one", logOutDuringReauthentication, "logout reauthenticate"},
		{"a logout on one device does not affect another", logOutOnOneDevice, "logout"},
		{"a user can end their other sessions", endOtherSessions, "sessions.end"},
		{"a change of password ends all sessions", passwordChange, "password"},
		{"the session cookie has the strictest attributes", cookieAttributes, ""},
		{"a session is accepted only in its cookie", sessionElsewhere, ""},
		{"garbage is not a session", garbageSession, ""},
		{"a cookie that cannot be opened is not deleted", unreadableSession, ""},
		{"two session cookies count as none", twoSessions, ""},
		{"visitors get no session", noSessionForVisitors, ""},

		{"a user whose role is too low is refused", lowRole, ""},
		{"a user whose password was not checked recently is refused", staleSession, ""},

		{"a cookie with a changed byte is refused", changedCookie, ""},
		{"a shorter or longer cookie is refused", resizedCookie, ""},
		{"the cookie reveals nothing about the user", legibleCookie, ""},

		{"a password must match exactly", inexactPassword, ""},
		{"a password is not cut off", longPassword, ""},
		{"a password must be text", passwordOfAnotherType, ""},
		{"only those who know a password can change it", passwordChangeWithoutPassword, "password"},
		{"a login is not a GET request", logInByGet, "login"},
		{"a login does not reveal who has an account", enumeration, ""},

		{"other sites cannot call an unsafe route", crossSite, ""},
		{"other origins cannot call an unsafe route", crossOrigin, ""},
		{"other origins cannot read an answer", otherReaders, ""},
		{"in development, no other host is served", otherHosts, ""},
		{"a body must be declared as JSON", undeclaredJSON, ""},
		{"safe methods change nothing", safeMethods, ""},

		{"only registered methods are served", otherMethods, ""},
		{"HEAD is guarded like GET", headWithoutSession, ""},
		{"headers determine neither the user nor the route", trustedHeaders, ""},
		{"another spelling of a path does not evade a guard", otherSpellings, ""},

		{"JSON is read strictly", malformedJSON, ""},
		{"a body cannot be large", largeBody, ""},
		{"a body that ends early is refused", shortBody, ""},
		{"a body cannot be compressed", encodedBody, ""},
		{"SQL in input is not run", sqlInInput, ""},
		{"control characters are refused", nulInInput, ""},

		{"responses have the security headers", securityHeaders, ""},
		{"responses about a user are not cached", cachedAnswers, ""},
		{"logout clears the browser", clearedBrowser, "logout"},
		//authgen:if session_database
		{"nobody can end the session of another user", sessionOfSomebodyElse, "sessions session.end"},
		//authgen:end
		//authgen:if signup
		{"concurrent sign-ups with one address create one account", parallelSignUps, "signup"},
		{"only plain addresses can sign up", strangeAddresses, "signup"},
		{"a sign-up gives only the default role", privilegedSignUp, "signup"},
		{"a user who is logged in cannot sign up", signUpWhileLoggedIn, "signup"},
		//authgen:end
		//authgen:if delete_account
		{"a deleted user is logged out", deletedUser, "me.delete"},
		//authgen:end
		//authgen:if manage_users
		{"a disabled user is logged out permanently", disabledUser, "user.disabled"},
		{"a change of role ends all sessions", roleChange, "user.role"},
		{"an administrator can end the sessions of a user", endedByAdministrator, "user.sessions.end"},
		{"nobody can read or change the account of another user", accountOfSomebodyElse, ""},
		{"nobody can change a user with a higher role", actingUpwards, ""},
		{"administrators cannot set passwords", passwordOfSomebodyElse, "user"},
		//authgen:end

		// These two come last: after them, logins from this machine are refused.
		{"guesses at one account are limited", guessing, ""},
		{"guesses from one address are limited, whatever its headers say", guessingFromOneAddress, ""},
	}
}
