package auth

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// wantFaults fails the test unless err wraps exactly the faults with these ids, in order.
func wantFaults(tb testing.TB, what string, err error, ids ...string) {
	tb.Helper()
	var found []string
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, err := range joined.Unwrap() {
			var fault *DatabaseFault
			if !errors.As(err, &fault) || fault.Fault == "" || fault.Remedy == "" {
				tb.Errorf("%s: %v lacks a text or a remedy", what, err)
				continue
			}
			found = append(found, fault.ID)
		}
	} else if err != nil {
		tb.Errorf("%s: error %v, want faults", what, err)
	}
	if diff := unequal(ids, found); diff != "" {
		tb.Errorf("%s:%s\nerror %v", what, diff, err)
	}
}

// A database as it should be has no fault. A missing column, table or migration is one.
func TestDatabaseFaults(t *testing.T) {
	app := newTestApp(t)
	//authgen:if migrate || !adopted
	db := app.store.db
	change := func(statements ...string) {
		t.Helper()
		for _, statement := range statements {
			if _, err := db.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
	}
	//authgen:end
	wantFaults(t, "as it should be", app.CheckDatabase(t.Context()))

	//authgen:if migrate
	change(`CREATE TABLE kept AS SELECT * FROM auth_migrations`, `DELETE FROM auth_migrations`)
	files, failed := migrationFiles()
	if failed != nil {
		t.Fatal(failed)
	}
	var want []string
	for range files {
		want = append(want, "database-migration")
	}
	missing := app.CheckDatabase(t.Context())
	wantFaults(t, "no migration recorded", missing, want...)
	for _, name := range files {
		if missing == nil || !strings.Contains(missing.Error(), name) {
			t.Errorf("error %v, want one that names %s", missing, name)
		}
	}
	change(`INSERT INTO auth_migrations SELECT * FROM kept`)
	wantFaults(t, "recorded again", app.CheckDatabase(t.Context()))
	change(`DROP TABLE auth_migrations`)
	wantFaults(t, "migrated by a tool", app.CheckDatabase(t.Context()))
	//authgen:end

	//authgen:if !adopted
	change(`ALTER TABLE auth_users RENAME COLUMN disabled TO blocked`)
	err := app.CheckDatabase(t.Context())
	wantFaults(t, "another column", err, "database-column")
	if err == nil || !strings.HasPrefix(err.Error(), "auth: the table auth_users has no column disabled; ") {
		t.Errorf("error %v, want one that names the table and the column", err)
	}
	change(`ALTER TABLE auth_users RENAME TO other_users`)
	wantFaults(t, "another table", app.CheckDatabase(t.Context()), "database-table")
	//authgen:end

	closed := openTestDB(t)
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	var fault *DatabaseFault
	if err := CheckDatabase(t.Context(), closed); err == nil || errors.As(err, &fault) {
		t.Errorf("without a database: error %v, want one that wraps none", err)
	}
}

// Only a clock that differs by more than half a minute is at fault.
//
//authgen:if !sqlite
func TestClocks(t *testing.T) {
	before := time.Now()
	after := before.Add(time.Second)
	for what, test := range map[string]struct {
		at   time.Duration
		want string
	}{
		"equal":        {500 * time.Millisecond, ""},
		"a bit ahead":  {3 * time.Second, ""},
		"a bit behind": {-2 * time.Second, ""},
		"ahead":        {time.Hour + time.Second, "1h0m0s ahead of"},
		"behind":       {-time.Minute, "1m0s behind"},
	} {
		var found faults
		found.addClock(unixTime(float64(before.Add(test.at).UnixMilli())/1000), before, after)
		err := errors.Join(found...)
		if test.want == "" {
			wantFaults(t, what, err)
			continue
		}
		wantFaults(t, what, err, "database-clock")
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one that says %q", what, err, test.want)
		}
	}
}
