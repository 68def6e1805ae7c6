package auth

import (
	"database/sql"
	"errors"
	"testing"
)

// What is done in a transaction of the application happens if that is committed, and
// otherwise does not.
func TestInTx(t *testing.T) {
	app := newTestApp(t)
	ann, u := app.user(t, "ann@example.org", DefaultRole)
	create := func(j Joined) error {
		_, err := j.CreateUser(t.Context(), NewUser{Email: "bob@example.org", Password: testPassword, Role: DefaultRole})
		return err
	}
	app.inTx(t, false, create)
	if _, err := userByEmail(t.Context(), app.store.db, "bob@example.org"); !errors.Is(err, ErrNotFound) {
		t.Errorf("after the creation was rolled back: error %v, want %v", err, ErrNotFound)
	}
	app.inTx(t, true, create)
	app.device(t, "bob@example.org")

	app.inTx(t, true, func(j Joined) error { return j.EndAll(t.Context(), u.ID, EndedByOperator) })
	app.wantCookie(t, false, ann.cookie(), "the sessions were ended")

	// A transaction that is over is an error.
	tx, err := app.store.db.BeginTx(t.Context(), txOptions)
	if err != nil {
		t.Fatal(err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := create(app.InTx(tx)); !errors.Is(err, sql.ErrTxDone) {
		t.Errorf("error %v, want %v", err, sql.ErrTxDone)
	}
}

// inTx calls f in a transaction, and commits it or rolls it back.
func (app *testApp) inTx(t *testing.T, commit bool, f func(j Joined) error) {
	t.Helper()
	tx, err := app.store.db.BeginTx(t.Context(), txOptions)
	if err != nil {
		t.Fatal(err)
	}
	if err := f(app.InTx(tx)); err != nil {
		t.Error(err)
	}
	end := tx.Rollback
	if commit {
		end = tx.Commit
	}
	if err := end(); err != nil {
		t.Error(err)
	}
}
