//authgen:if session_rows
//authgen:unit session.go

//go:build !stateless

package auth

import (
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

// The row of a session is updated at most every five minutes, however often the session
// is used, and whether or not the client accepts the new cookies.
func TestTouch(t *testing.T) {
	for _, takesCookies := range []bool{true, false} {
		t.Run(strconv.FormatBool(takesCookies), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newVisitor(t, DefaultRole, false)
				seen := func() time.Time {
					t.Helper()
					var at time.Time
					err := v.auth.store.db.QueryRowContext(t.Context(), "SELECT seen_at FROM auth_sessions").Scan((*dbTime)(&at))
					if err != nil {
						t.Fatal(err)
					}
					return at
				}
				last := seen()
				writes := 0
				for range 60 {
					time.Sleep(time.Minute)
					status, header := v.get("/test/user")
					if status != http.StatusOK {
						t.Fatalf("status %d, want %d", status, http.StatusOK)
					}
					if takesCookies {
						v.keep(header)
					}
					now := seen()
					if now.Equal(last) {
						continue
					}
					if now.Sub(last) < renewalInterval || !now.Equal(time.Now()) {
						t.Errorf("seen_at changed from %v to %v at %v, want the current time and at least %v later", last, now, time.Now(), renewalInterval)
					}
					last = now
					writes++
				}
				if writes != 12 {
					t.Errorf("%d writes in an hour, want 12", writes)
				}
			})
		})
	}
}

// The times in the row of a session decide, not those in the cookie.
func TestRowDecides(t *testing.T) {
	for column, limit := range map[string]func(a *Auth) time.Duration{
		"expires_at":       func(*Auth) time.Duration { return 0 },
		"seen_at":          func(a *Auth) time.Duration { idle, _ := a.timeouts(DefaultRole); return idle },
		"authenticated_at": func(a *Auth) time.Duration { _, absolute := a.timeouts(DefaultRole); return absolute },
	} {
		t.Run(column, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newVisitor(t, DefaultRole, false)
				v.want(http.StatusOK, "/test/user", "at the start")
				past := dbTime(time.Now().Add(-limit(v.auth)))
				if _, err := v.auth.store.db.ExecContext(t.Context(), bind("UPDATE auth_sessions SET "+column+" = ?"), past); err != nil {
					t.Fatal(err)
				}
				v.want(http.StatusOK, "/test/optimistic", "after the row was changed")
				v.want(http.StatusUnauthorized, "/test/user", "after the row was changed")
			})
		})
	}
}
