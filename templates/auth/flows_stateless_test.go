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

	var until dbTime
	query := bind(`SELECT expires_at FROM auth_ended_sessions WHERE handle = ?`)
	if err := app.store.db.QueryRowContext(t.Context(), query, s.id.handle()).Scan(&until); err != nil {
		t.Fatal(err)
	}
	if !time.Time(until).Equal(s.expiresAt) {
		t.Errorf("the session has ended until %v, want until %v", time.Time(until), s.expiresAt)
	}
	// What may have replaced it lasts longer.
	if err := app.store.db.QueryRowContext(t.Context(), query, s.familyHandle()).Scan(&until); err != nil {
		t.Fatal(err)
	}
	if time.Time(until).Before(s.expiresAt) {
		t.Errorf("its family has ended until %v, want %v at least", time.Time(until), s.expiresAt)
	}
}
