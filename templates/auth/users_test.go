//authgen:if manage_users
//authgen:unit users.go

package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// userPath returns the path of a route about a user.
func userPath(u User, rest string) string { return prefix + "/users/" + u.ID.String() + rest }

func setRole(r Role) string { return jsonObject(map[string]any{"role": r}) }

func setDisabled(disabled bool) string { return jsonObject(map[string]any{"disabled": disabled}) }

func TestListUsers(t *testing.T) {
	app := newTestApp(t)
	admin, first := app.user(t, "admin@example.org", highestRole)
	want := []UserID{first.ID}
	for i := range 4 {
		want = append(want, app.createUser(t, fmt.Sprintf("user%d@example.org", i), DefaultRole).ID)
	}
	// Ids of the same millisecond may not be in the order of sign-up.
	slices.SortFunc(want, UserID.compare)

	var got []UserID
	pages := 0
	for next := ""; ; pages++ {
		var page UserPage
		path := prefix + "/users?limit=2"
		if next != "" {
			path += "&cursor=" + next
		}
		if err := json.Unmarshal([]byte(admin.want(http.StatusOK, "GET", path, "").Body), &page); err != nil {
			t.Fatal(err)
		}
		for _, u := range page.Users {
			got = append(got, u.ID)
		}
		if page.Next.IsZero() {
			break
		}
		next = page.Next.String()
	}
	if diff := unequal(want, got); diff != "" || pages != 2 {
		t.Errorf("%d pages after the first, want 2; users:%s", pages, diff)
	}

	// A full page can be the last.
	for limit, more := range map[int]bool{4: true, 5: false, 6: false} {
		page, err := app.DAL().Users(t.Context(), app.principal(t, admin), noUser, limit)
		if err != nil || page.Next.IsZero() == more || len(page.Users) != min(limit, 5) {
			t.Errorf("limit %d: %d users, next %s, error %v; want %d users, more: %t", limit, len(page.Users), page.Next, err, min(limit, 5), more)
		}
	}
	queries := []string{"limit=0", "limit=-1", "limit=101", "limit=x", "cursor=" + strings.Repeat("x", 1000)}
	//authgen:if !id_text
	queries = append(queries, "cursor=x", "cursor="+first.ID.String()+"x")
	//authgen:end
	for _, query := range queries {
		admin.wantCode(http.StatusBadRequest, "invalid_input", "GET", prefix+"/users?"+query, "")
	}
	after := prefix + "/users?cursor=" + want[4].String()
	if got := admin.want(http.StatusOK, "GET", after, ""); got.Body != `{"users":[]}`+"\n" {
		t.Errorf("after the last user: %s; want no users", got.Body)
	}
}

func TestReadUser(t *testing.T) {
	app := newTestApp(t)
	admin, _ := app.user(t, "admin@example.org", highestRole)
	ann := app.createUser(t, "ann@example.org", DefaultRole)
	if got := readUser(t, admin.want(http.StatusOK, "GET", userPath(ann, ""), "")); got.ID != ann.ID || got.Email != ann.Email || got.Role != ann.Role {
		t.Errorf("read %+v, want %+v", got, ann)
	}
	for _, id := range []string{nobodysID, "x", "%25", ann.ID.String() + "0"} {
		admin.wantCode(http.StatusNotFound, "not_found", "GET", prefix+"/users/"+id, "")
	}
}

func TestSetRole(t *testing.T) {
	app := newTestApp(t)
	admin, _ := app.user(t, "admin@example.org", highestRole)
	ann, u := app.user(t, "ann@example.org", DefaultRole)
	laptop := app.device(t, u.Email)

	for _, body := range []string{`{}`, `{"role":""}`, `{"role":"no such role"}`, `{"role":1}`, `{"role":null}`} {
		admin.wantCode(http.StatusBadRequest, "invalid_input", "PUT", userPath(u, "/role"), body)
	}
	app.wantCookie(t, true, ann.cookie(), "after refused changes")

	// All of the user's sessions end, whether the role is raised or lowered.
	for _, role := range []Role{highestRole, DefaultRole} {
		admin.want(http.StatusNoContent, "PUT", userPath(u, "/role"), setRole(role))
		app.wantCookie(t, false, ann.cookie(), "a session from before the change")
		app.wantCookie(t, false, laptop.cookie(), "a session from before the change")
		if got := readUser(t, ann.logIn(u.Email)); got.Role != role {
			t.Errorf("the role is %s, want %s", got.Role, role)
		}
	}
	app.wantCookie(t, true, admin.cookie(), "the session of the request")
}

func TestSetDisabled(t *testing.T) {
	app := newTestApp(t)
	admin, _ := app.user(t, "admin@example.org", highestRole)
	ann, u := app.user(t, "ann@example.org", DefaultRole)

	admin.wantCode(http.StatusBadRequest, "invalid_input", "PUT", userPath(u, "/disabled"), `{}`)
	app.wantCookie(t, true, ann.cookie(), "after a refused change")

	old := ann.cookie()
	admin.want(http.StatusNoContent, "PUT", userPath(u, "/disabled"), setDisabled(true))
	app.wantCookie(t, false, old, "a session of a disabled user")
	visitor := app.browser(t)
	visitor.wantCode(http.StatusUnauthorized, "invalid_credentials", "POST", prefix+"/login", credentials(u.Email, testPassword))

	admin.want(http.StatusNoContent, "PUT", userPath(u, "/disabled"), setDisabled(false))
	app.wantCookie(t, false, old, "an old session of a user who was enabled again")
	visitor.logIn(u.Email)
}

func TestEndSessionsOfUser(t *testing.T) {
	app := newTestApp(t)
	admin, _ := app.user(t, "admin@example.org", highestRole)
	ann, u := app.user(t, "ann@example.org", DefaultRole)
	laptop := app.device(t, u.Email)
	bob, _ := app.user(t, "bob@example.org", DefaultRole)

	admin.want(http.StatusNoContent, "DELETE", userPath(u, "/sessions"), "")
	app.wantCookie(t, false, ann.cookie(), "a session that was ended")
	app.wantCookie(t, false, laptop.cookie(), "a session that was ended")
	app.wantCookie(t, true, bob.cookie(), "the session of another user")
	ann.logIn(u.Email)
}

// userChanges returns the requests that change a user, with harmless bodies.
func userChanges(u User) map[string][3]string {
	return map[string][3]string{
		"role":     {"PUT", userPath(u, "/role"), setRole(u.Role)},
		"disabled": {"PUT", userPath(u, "/disabled"), setDisabled(false)},
		"sessions": {"DELETE", userPath(u, "/sessions"), ""},
	}
}

// grant changes the permissions of a role until the test ends.
func grant(t *testing.T, role Role, p Permission) {
	t.Helper()
	before := grants[role]
	grants[role] = p
	t.Cleanup(func() { grants[role] = before })
}

func TestWhoMayManageWhom(t *testing.T) {
	// A role below the highest, with permission to change users, whatever roles the
	// application has.
	const role = highestRole - 1
	grant(t, role, PermissionUsersRead|PermissionUsersWrite)

	app := newTestApp(t)
	highest, highestUser := app.user(t, "highest@example.org", highestRole)
	_, peerOfHighest := app.user(t, "peer@example.org", highestRole)
	middle, middleUser := app.user(t, "middle@example.org", role)
	_, peerOfMiddle := app.user(t, "same@example.org", role)
	for _, test := range []struct {
		what    string
		manager *browser
		managed User
		want    int
	}{
		{"the highest role, one below", highest, peerOfMiddle, http.StatusNoContent},
		{"the highest role, a peer", highest, peerOfHighest, http.StatusNoContent},
		{"the highest role, themselves", highest, highestUser, http.StatusForbidden},
		{"the highest role, unknown user", highest, User{ID: anyID(), Role: role}, http.StatusNotFound},
		{"a role in the middle, one above", middle, User{ID: highestUser.ID, Role: role}, http.StatusForbidden},
		{"a role in the middle, a peer", middle, peerOfMiddle, http.StatusForbidden},
		{"a role in the middle, themselves", middle, middleUser, http.StatusForbidden},
		{"a role in the middle, unknown user", middle, User{ID: anyID(), Role: role}, http.StatusNotFound},
	} {
		for name, request := range userChanges(test.managed) {
			if got := test.manager.do(request[0], request[1], request[2]); got.Status != test.want {
				t.Errorf("%s: %s: status %d, want %d; body %s", test.what, name, got.Status, test.want, got.Body)
			}
		}
	}
	app.wantCookie(t, true, highest.cookie(), "the highest role, after all attempts")
	app.wantCookie(t, true, middle.cookie(), "the role in the middle, after all attempts")

	if role == 1 {
		return // no role is below
	}
	_, below := app.user(t, "below@example.org", role-1)
	for _, request := range userChanges(below) {
		middle.want(http.StatusNoContent, request[0], request[1], request[2])
	}
	// Nobody assigns a role above their own, even to users whom they may manage.
	middle.wantCode(http.StatusForbidden, "forbidden", "PUT", userPath(below, "/role"), setRole(highestRole))
	middle.want(http.StatusNoContent, "PUT", userPath(below, "/role"), setRole(role))
	middle.wantCode(http.StatusForbidden, "forbidden", "PUT", userPath(below, "/role"), setRole(role-1))
}

// The permission decides, not the rank of the role, both in the guard and in the data
// access layer.
func TestHighestRoleWithoutPermission(t *testing.T) {
	grant(t, highestRole, PermissionUsersRead)
	app := newTestApp(t)
	admin, _ := app.user(t, "admin@example.org", highestRole)
	ann, u := app.user(t, "ann@example.org", DefaultRole)
	for _, request := range userChanges(u) {
		admin.wantCode(http.StatusForbidden, "forbidden", request[0], request[1], request[2])
	}
	p := app.principal(t, admin)
	for what, err := range map[string]error{
		"SetRole":     app.DAL().SetRole(t.Context(), p, u.ID, DefaultRole),
		"SetDisabled": app.DAL().SetDisabled(t.Context(), p, u.ID, true),
		"EndSessions": app.DAL().EndUserSessions(t.Context(), p, u.ID),
	} {
		if !errors.Is(err, ErrForbidden) {
			t.Errorf("%s: %v, want %v", what, err, ErrForbidden)
		}
	}
	app.wantCookie(t, true, ann.cookie(), "after all attempts")

	grant(t, highestRole, 0)
	if _, err := app.DAL().Users(t.Context(), p, noUser, 1); !errors.Is(err, ErrForbidden) {
		t.Errorf("Users: %v, want %v", err, ErrForbidden)
	}
	if _, err := app.DAL().User(t.Context(), p, u.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("User: %v, want %v", err, ErrNotFound)
	}
}

func TestManagementNeedsPermissionAndFreshness(t *testing.T) {
	app := newTestApp(t)
	admin, _ := app.user(t, "admin@example.org", highestRole)
	member, _ := app.user(t, "member@example.org", DefaultRole)
	victim, u := app.user(t, "ann@example.org", DefaultRole)
	admin.age(time.Hour)
	for name, request := range userChanges(u) {
		t.Run(name, func(t *testing.T) {
			member.wantCode(http.StatusForbidden, "forbidden", request[0], request[1], request[2])
			admin.wantCode(http.StatusForbidden, "reauthentication_required", request[0], request[1], request[2])
		})
	}
	app.wantCookie(t, true, victim.cookie(), "after attempts without permission")
}

// A change in the database takes effect at once, and is copied to the cookie.
func TestRoleChangedInTheDatabase(t *testing.T) {
	app := newTestApp(t)
	admin, u := app.user(t, "admin@example.org", highestRole)
	for _, role := range []Role{DefaultRole, highestRole} {
		if err := execOne(t.Context(), app.store.db, "set a role", updateRole, role, u.ID); err != nil {
			t.Fatal(err)
		}
		if admin.session().Role() == role {
			t.Fatalf("the cookie has the role %s before any request", role)
		}
		want := http.StatusForbidden
		if role.Has(PermissionUsersRead) {
			want = http.StatusOK
		}
		got := admin.want(want, "GET", prefix+"/users", "")
		if app.sessionCookie(t, got) == nil {
			t.Errorf("the cookie was not sealed again for the role %s", role)
		}
		if s := admin.session(); s.Role() != role || s.UserID() != u.ID {
			t.Errorf("the cookie now holds the session %v, want the role %s", s, role)
		}
		if got := admin.want(http.StatusOK, "GET", prefix+"/me", ""); app.sessionCookie(t, got) != nil {
			t.Error("the cookie was sealed again although nothing changed")
		}
	}
}

// A response that renews the cookie must not be cached.
func TestRoleChangedInTheDatabaseBeforeAPage(t *testing.T) {
	app := newTestApp(t)
	b, u := app.user(t, "ann@example.org", DefaultRole)
	if err := execOne(t.Context(), app.store.db, "set a role", updateRole, highestRole, u.ID); err != nil {
		t.Fatal(err)
	}
	app.serve(t, testRoute{"GET /page", []testGuard{app.RequireUser}, status(func(context.Context) int { return http.StatusNoContent })})
	page := app.resume(t, b.cookie())
	got := page.want(http.StatusNoContent, "GET", "/page", "")
	if app.sessionCookie(t, got) == nil || got.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("Set-Cookie %q with Cache-Control %q, want a cookie with no-store", got.Header["Set-Cookie"], got.Header.Get("Cache-Control"))
	}
	if s := page.session(); s.Role() != highestRole {
		t.Errorf("the cookie now holds the session %v, want the role %s", s, highestRole)
	}
}

// A user with an unknown role has no rights, and can be managed by others.
func TestUnknownRoleInTheDatabase(t *testing.T) {
	app := newTestApp(t)
	admin, _ := app.user(t, "admin@example.org", highestRole)
	for i, statement := range loseRole {
		ann, u := app.user(t, "ann"+strconv.Itoa(i)+"@example.org", DefaultRole)
		if _, err := app.store.db.ExecContext(t.Context(), bind(statement), u.ID); err != nil {
			t.Fatal(err)
		}
		ann.wantCode(http.StatusUnauthorized, "unauthenticated", "GET", prefix+"/me", "")
		ann.wantCode(http.StatusUnauthorized, "invalid_credentials", "POST", prefix+"/login", credentials(u.Email, testPassword))
		admin.want(http.StatusOK, "GET", prefix+"/users", "")
		admin.want(http.StatusNoContent, "PUT", prefix+"/users/"+u.ID.String()+"/role", `{"role":"`+DefaultRole.String()+`"}`)
		ann.logIn(u.Email)
	}
}
