//authgen:unit principal.go

package auth

import (
	"encoding/json"
	"strings"
	"testing"
)

// Ids and roles survive JSON and the database.
func TestUserIDAndRoleEncodings(t *testing.T) {
	type row struct {
		ID   UserID
		Role Role
	}
	want := row{anyID(), DefaultRole}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if s := `{"ID":"` + want.ID.String() + `","Role":"` + DefaultRole.String() + `"}`; string(text) != s {
		t.Errorf("JSON %s, want %s", text, s)
	}
	var got row
	if err := json.Unmarshal(text, &got); err != nil || got != want {
		t.Errorf("read %+v with error %v, want %+v", got, err, want)
	}
	id, err := want.ID.Value()
	if err != nil {
		t.Fatal(err)
	}
	role, err := want.Role.Value()
	if err != nil {
		t.Fatal(err)
	}
	got = row{}
	if err := got.ID.Scan(id); err != nil {
		t.Error(err)
	}
	if err := got.Role.Scan(role); err != nil {
		t.Error(err)
	}
	if got != want {
		t.Errorf("scanned %+v, want %+v", got, want)
	}
	for _, src := range []any{nil, "", "x", []byte(nil), []byte("Role(1)"), strings.ToUpper(DefaultRole.String()), DefaultRole.String() + " "} {
		role := DefaultRole
		if err := role.Scan(src); err == nil && role != 0 {
			t.Errorf("the role %v (%T) is scanned as %s", src, src, role)
		}
	}
}

// An invalid role is below all roles, cannot be stored, and grants nothing.
func TestInvalidRole(t *testing.T) {
	for _, r := range []Role{0, Role(len(roleNames)), 255} {
		if text, err := r.MarshalText(); err == nil && len(text) > 0 {
			t.Errorf("the invalid role %v is written as %q", r, text)
		}
		if value, err := r.Value(); err == nil {
			t.Errorf("the invalid role %v is stored as %q", r, value)
		}
		if r.sensitive() || r.AtLeast(0) || r.AtLeast(DefaultRole) {
			t.Errorf("the invalid role %v is sensitive or has a rank", r)
		}
	}
	if _, err := ParseRole(""); err == nil {
		t.Error("ParseRole accepts the empty name")
	}
	if (Principal{}).AtLeast(0) || (Principal{}).Valid() || (Principal{}).Fresh() {
		t.Error("the zero Principal is valid")
	}
}
