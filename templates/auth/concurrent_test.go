//authgen:unit store.go

package auth

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"
)

// With many concurrent users, each gets their own account and cookie.
func TestConcurrentUsers(t *testing.T) {
	app := newTestApp(t)
	var all sync.WaitGroup
	for i := range 8 {
		b, u := app.user(t, fmt.Sprintf("user-%d@example.org", i), DefaultRole)
		all.Go(func() {
			for range 25 {
				got := b.do("GET", prefix+"/me", "")
				var me struct{ ID, Email string }
				if err := json.Unmarshal([]byte(got.Body), &me); err != nil || me.ID != u.ID.String() || me.Email != u.Email {
					t.Errorf("%s: status %d, body %s", u.Email, got.Status, got.Body)
					return
				}
				if got := b.do("POST", prefix+"/reauthenticate", jsonObject(map[string]any{"password": testPassword})); got.Status != http.StatusNoContent {
					t.Errorf("%s: status %d, body %s", u.Email, got.Status, got.Body)
					return
				}
			}
			if s := b.session(); s.UserID() != u.ID {
				t.Errorf("the cookie of %s is that of %s", u.ID, s.UserID())
			}
		})
	}
	all.Wait()
}
