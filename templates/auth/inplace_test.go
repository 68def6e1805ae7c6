//authgen:if false

package auth

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"testing"
)

// Which viewer sees which field, for the answers of the templates.
func TestFieldsByViewer(t *testing.T) {
	// Permission to read users does not show restricted fields.
	grant(t, RoleEditor, PermissionUsersRead)
	app := newTestApp(t)
	editor, _ := app.user(t, "editor@example.org", RoleEditor)
	ann, u := app.user(t, "ann@example.org", DefaultRole)
	ann.want(http.StatusOK, "PATCH", prefix+"/me", `{"display_name":"Ann","phone":"1","newsletter":true}`)
	admin, _ := app.user(t, "admin@example.org", RoleAdmin)

	everybody := []string{"created_at", "display_name", "email", "email_verified", "id", "role"}
	for name, test := range map[string]struct {
		viewer *browser
		path   string
		also   []string
	}{
		"self":   {ann, prefix + "/me", []string{"newsletter", "phone"}},
		"editor": {editor, userPath(u, ""), nil},
		"admin":  {admin, userPath(u, ""), []string{"phone"}},
	} {
		var seen map[string]any
		if err := json.Unmarshal([]byte(test.viewer.want(http.StatusOK, "GET", test.path, "").Body), &seen); err != nil {
			t.Fatal(err)
		}
		want := slices.Sorted(slices.Values(append(slices.Clone(everybody), test.also...)))
		if diff := unequal(want, slices.Sorted(maps.Keys(seen))); diff != "" {
			t.Errorf("%s:%s", name, diff)
		}
	}
	public, err := app.DAL().PublicUsers(t.Context(), u.ID)
	if diff := unequal(PublicUser{ID: u.ID, DisplayName: "Ann"}, public[u.ID]); diff != "" || err != nil {
		t.Errorf("the public data: %v%s", err, diff)
	}
}

// The statements of the other session styles.
var _ = []string{selectUserState, selectSessionUser, selectLegacySession, expireSession, claimSession}
