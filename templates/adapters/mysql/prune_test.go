//authgen:if session_rows && mysql

//go:build !stateless

package auth

import (
	"database/sql"
	"testing"
	"time"
)

// Expired sessions go, however many there are, and no others.
func TestRemoveExpired(t *testing.T) {
	a := newTestAuth(t)
	now := time.Now()
	u := user{id: newUserID(now), email: "ann@example.org", role: DefaultRole, createdAt: now}
	if err := a.store.insertUser(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	live := newSessionID().handle()
	insert := func(tx *sql.Tx, handle string, expiresAt time.Time) error {
		_, err := exec(t.Context(), tx, "insert a session", insertSession,
			handle, u.id, "", "", dbTime(now), dbTime(now), dbTime(now), dbTime(expiresAt))
		return err
	}
	err := a.store.tx(t.Context(), func(tx *sql.Tx) error {
		for range pruned + 1 {
			if err := insert(tx, newSessionID().handle(), now); err != nil {
				return err
			}
		}
		return insert(tx, live, now.Add(time.Second))
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.removeExpired(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	var n int
	var handle string
	row := a.store.db.QueryRowContext(t.Context(), `SELECT COUNT(*), MIN(handle) FROM auth_sessions`)
	if err := row.Scan(&n, &handle); err != nil || n != 1 || handle != live {
		t.Errorf("%d sessions are left, the first %s, %v; want %s alone", n, handle, err, live)
	}
}
