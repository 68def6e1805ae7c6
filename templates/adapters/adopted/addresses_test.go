//authgen:if adopted && migrate && !nocase
//authgen:unit addresses.go

package auth

import (
	"strings"
	"testing"
)

// Addresses that differ only in case are refused before the first migration.
func TestSharedAddresses(t *testing.T) {
	db := openTestDB(t)
	for _, email := range []string{"Ann@example.org", "ann@example.org"} {
		u := user{id: anyID(), email: email, role: DefaultRole}
		if _, err := exec(t.Context(), db, "insert a user", insertUserRow, u.row()...); err != nil {
			t.Fatal(err)
		}
	}
	err := Migrate(t.Context(), db)
	if err == nil || !strings.Contains(err.Error(), "ann@example.org") || !strings.Contains(err.Error(), selectShared) {
		t.Errorf("error %v, want one with the address and a query", err)
	}
	if columns, err := columnsOf(t.Context(), db, "auth_accounts"); err != nil || columns != nil {
		t.Errorf("the table auth_accounts has the columns %q, error %v; want no table", columns, err)
	}
}
