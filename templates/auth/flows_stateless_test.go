//authgen:if session_stateless
//authgen:as sessions_test.go

//go:build stateless

package auth

import (
	"net/http"
	"testing"
	"time"
)

// secureCheck is the statement of the secure check.
const secureCheck = selectSessionUser

// age makes it so long ago that the password of the browser's user was checked.
func (b *browser) age(d time.Duration) {
	b.tb.Helper()
	s := b.session()
	s.authenticatedAt = s.authenticatedAt.Add(-d)
	b.setCookie(b.app.sealer.seal(s.appendClaims(nil), time.Now()))
}

func TestLogOutIsForgottenWhenTheSessionWouldHaveEnded(t *testing.T) {
	app := newTestApp(t)
	ann, _ := app.user(t, "ann@example.org", DefaultRole)
	s := ann.session()
	ann.want(http.StatusNoContent, "POST", prefix+"/logout", "")

	var handle string
	var until dbTime
	if err := app.store.db.QueryRowContext(t.Context(), `SELECT handle, expires_at FROM auth_ended_sessions`).Scan(&handle, &until); err != nil {
		t.Fatal(err)
	}
	if handle != s.id.handle() || !time.Time(until).Equal(s.expiresAt) {
		t.Errorf("%s has ended until %v, want %s until %v", handle, time.Time(until), s.id.handle(), s.expiresAt)
	}
}
