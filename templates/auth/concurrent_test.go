//authgen:unit store.go

package auth

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"
)

// Concurrent requests of many users do not mix up accounts or cookies.
func TestConcurrentUsers(t *testing.T) {
	app := newTestApp(t)
	var wg sync.WaitGroup
	for i := range 8 {
		b, u := app.user(t, fmt.Sprintf("user-%d@example.org", i), DefaultRole)
		wg.Go(func() {
			for range 25 {
				got := b.do("GET", prefix+"/me", "")
				var me struct{ ID, Email string }
				if err := json.Unmarshal([]byte(got.Body), &me); err != nil || me.ID != u.ID.String() || me.Email != u.Email {
					t.Errorf("GET /me of %s: status %d, body %s", u.Email, got.Status, got.Body)
					return
				}
				if got := b.do("POST", prefix+"/reauthenticate", jsonObject(map[string]any{"password": testPassword})); got.Status != http.StatusNoContent {
					t.Errorf("re-authentication of %s: status %d, body %s", u.Email, got.Status, got.Body)
					return
				}
			}
			if s := b.session(); s.UserID() != u.ID {
				t.Errorf("user %s has the cookie of user %s", u.ID, s.UserID())
			}
		})
	}
	wg.Wait()
}
