//authgen:if mysql

package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/authgen/authgen/templates/auth/internal/testdb"
)

// param returns a function that sets a session variable in a configuration.
func param(name, value string) func(*mysql.Config) {
	return func(c *mysql.Config) {
		if c.Params == nil {
			c.Params = make(map[string]string)
		}
		c.Params[name] = value
	}
}

// Settings that misread times or damage texts are refused.
func TestCheckDatabase(t *testing.T) {
	config := testdb.NewDatabase(t)
	for what, test := range map[string]struct {
		change func(*mysql.Config)
		want   string // part of the error; "" for none
	}{
		"by default":              {func(*mysql.Config) {}, ""},
		"another time zone":       {param("time_zone", "'+05:45'"), ""},
		"another strict mode":     {param("sql_mode", "'TRADITIONAL'"), ""},
		"interpolated parameters": {func(c *mysql.Config) { c.InterpolateParams = true }, ""},
		"times as text":           {func(c *mysql.Config) { c.ParseTime = false }, "parseTime=true"},
		"times in another zone":   {func(c *mysql.Config) { c.Loc = time.FixedZone("Nepal", 20700) }, "loc=UTC"},
		"texts in Latin-1":        {param("character_set_client", "latin1"), "charset"},
		"texts without emoji":     {param("character_set_client", "utf8mb3"), "charset"},
		"truncated texts":         {param("sql_mode", "'NO_ENGINE_SUBSTITUTION'"), "sql_mode"},
		"no commits":              {param("autocommit", "0"), "autocommit"},
		"no references":           {param("foreign_key_checks", "0"), "foreign_key_checks"},
	} {
		err := CheckDatabase(t.Context(), testdb.OpenConfig(t, config, test.change))
		if test.want == "" && err != nil {
			t.Errorf("%s: error %v, want none", what, err)
		}
		if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: error %v, want one that says %q", what, err, test.want)
		}
	}
	readOnly := testdb.OpenConfig(t, config)
	readOnly.SetMaxOpenConns(1)
	if _, err := readOnly.ExecContext(t.Context(), `SET SESSION TRANSACTION READ ONLY`); err != nil {
		t.Fatal(err)
	}
	if err := CheckDatabase(t.Context(), readOnly); err == nil || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("read-only: error %v, want one that says so", err)
	}
	db := testdb.OpenConfig(t, config)
	if _, err := db.ExecContext(t.Context(), `CREATE TABLE auth_users (id INTEGER) ENGINE=MyISAM`); err != nil {
		t.Fatal(err)
	}
	if err := CheckDatabase(t.Context(), db); err == nil || !strings.Contains(err.Error(), "MyISAM") {
		t.Errorf("a table without transactions: error %v, want one about MyISAM", err)
	}
}

// All faults are found at once, and a version that is too old is one.
func TestSeveralFaults(t *testing.T) {
	config := testdb.NewDatabase(t)
	db := testdb.OpenConfig(t, config, param("sql_mode", "''"), func(c *mysql.Config) { c.ParseTime = false })
	wantFaults(t, "two settings", CheckDatabase(t.Context(), db), "database-parse-time", "database-strict-mode")
	for version, want := range map[string][]string{
		"8.0.36":                  nil,
		"10.6.1-MariaDB":          nil,
		"11.4.2-MariaDB-ubu2404":  nil,
		"unknown":                 nil,
		"5.7.44-log":              {"database-version"},
		"10.5.23-MariaDB-1:10.5":  {"database-version"},
		"5.5.5-10.4.1-MariaDB-lo": {"database-version"},
	} {
		var found faults
		found.addVersion(version)
		wantFaults(t, version, errors.Join(found...), want...)
	}
}

// Some settings of the driver do not affect this package.
func TestOtherParameters(t *testing.T) {
	for what, change := range map[string]func(*mysql.Config){
		"interpolateParams": func(c *mysql.Config) { c.InterpolateParams = true },
		"clientFoundRows":   func(c *mysql.Config) { c.ClientFoundRows = true },
		"multiStatements":   func(c *mysql.Config) { c.MultiStatements = true },
		"ANSI":              param("sql_mode", "'ANSI,TRADITIONAL,NO_BACKSLASH_ESCAPES'"),
	} {
		t.Run(what, func(t *testing.T) {
			app := newTestApp(t, func(c *Config) { c.DB = testdb.OpenConfig(t, testdb.NewDatabase(t), change) })
			b, u := app.user(t, "o'hara@example.org", DefaultRole)
			if diff := unequal(u, readUser(t, b.want(http.StatusOK, "GET", prefix+"/me", ""))); diff != "" {
				t.Errorf("the user as created differs from the user as read:%s", diff)
			}
			old := b.cookie()
			b.want(http.StatusNoContent, "POST", prefix+"/reauthenticate", jsonObject(map[string]any{"password": testPassword}))
			app.wantCookie(t, false, old, "the earlier session")
			b.want(http.StatusNoContent, "POST", prefix+"/logout", "")
		})
	}
}

// Times are stored in UTC, whatever the time zone of a connection, and never rounded up.
func TestTimesInUTC(t *testing.T) {
	config := testdb.NewDatabase(t)
	createTables(t, testdb.OpenConfig(t, config))
	at := time.Date(2026, 7, 1, 12, 30, 0, 123_999_999, time.FixedZone("Nepal", 20700))
	want := at.UTC().Truncate(time.Millisecond)
	for i, zone := range []string{"'+00:00'", "'-11:00'", "'+12:45'"} {
		s := &store{db: testdb.OpenConfig(t, config, param("time_zone", zone))}
		u := user{email: fmt.Sprintf("user%d@example.org", i), role: DefaultRole, createdAt: at}
		if err := insertUser(t.Context(), s.db, &u); err != nil {
			t.Fatal(err)
		}
		u, err := userByID(t.Context(), s.db, u.id)
		if err != nil || !u.createdAt.Equal(want) || u.createdAt.Location() != time.UTC {
			t.Errorf("%s: read %v, error %v; want %v", zone, u.createdAt, err, want)
		}
	}
	//authgen:if !adopted
	wantText := want.Format("2006-01-02 15:04:05.000")
	var first, last string
	row := testdb.OpenConfig(t, config).QueryRowContext(t.Context(), `SELECT CAST(MIN(created_at) AS CHAR), CAST(MAX(created_at) AS CHAR) FROM auth_users`)
	if err := row.Scan(&first, &last); err != nil || first != wantText || last != wantText {
		t.Errorf("the stored times are %s to %s, error %v; want %s", first, last, err, wantText)
	}
	//authgen:end
}

// Of concurrent sign-ups with one address, exactly one succeeds.
//
//authgen:if signup
func TestSignUpRace(t *testing.T) {
	app := newTestApp(t)
	const clients = 50
	app.hasher.slots = make(chan struct{}, clients) // otherwise some would get ErrBusy
	var wg sync.WaitGroup
	var created atomic.Int32
	for i := range clients {
		email := []string{"ann@example.org", "Ann@Example.org"}[i%2]
		wg.Go(func() {
			switch got := app.browser(t).do("POST", prefix+"/signup", credentials(email, testPassword)); {
			case got.Status == http.StatusCreated:
				created.Add(1)
			case got.Status != http.StatusConflict || got.Code() != "email_taken":
				t.Errorf("status %d, want 201 or 409; body %s", got.Status, got.Body)
			}
		})
	}
	wg.Wait()
	var rows int
	if err := app.store.db.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM `+usersTable+` u`).Scan(&rows); err != nil {
		t.Fatal(err)
	}
	if created.Load() != 1 || rows != 1 {
		t.Errorf("%d sign-ups succeeded and inserted %d rows, want one of each", created.Load(), rows)
	}
}

// To the database, addresses that differ in case or trailing spaces are equal.
func TestAddressesThatLookAlike(t *testing.T) {
	a := newTestAuth(t)
	for _, email := range []string{"ann@example.org", "ANN@example.org", "ann@example.org ", "ann@example.org  "} {
		err := insertUser(t.Context(), a.store.db, &user{email: email, role: DefaultRole, createdAt: time.Now()})
		if first := email == "ann@example.org"; first && err != nil || !first && !errors.Is(err, ErrEmailTaken) {
			t.Errorf("insert %q: error %v, want %v except for the first", email, err, ErrEmailTaken)
		}
	}
}

// A session survives broken connections to the database, and the failed requests can be
// tried again.
func TestLostConnections(t *testing.T) {
	if err := mysql.SetLogger(log.New(io.Discard, "", 0)); err != nil { // it logs each lost connection
		t.Fatal(err)
	}
	config := testdb.NewDatabase(t)
	app := newTestApp(t, func(c *Config) {
		c.DB = testdb.OpenConfig(t, config, param("innodb_lock_wait_timeout", "3600")) // until it is killed
	})
	b, u := app.user(t, "ann@example.org", DefaultRole)
	server := testdb.OpenConfig(t, config)
	for range 5 {
		b.want(http.StatusOK, "GET", prefix+"/me", "")
		killConnections(t, server, "Sleep")
		for try := 0; ; try++ {
			got := b.do("GET", prefix+"/me", "")
			if got.Status == http.StatusOK {
				break
			}
			if got.Status != http.StatusServiceUnavailable || len(got.Header["Set-Cookie"]) > 0 || try == 5 {
				t.Fatalf("status %d, body %s, Set-Cookie %q; want 503 without a cookie, then 200", got.Status, got.Body, got.Header["Set-Cookie"])
			}
		}
	}

	tx, err := server.BeginTx(t.Context(), txOptions)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if err := lockUser(t.Context(), tx, u.ID); err != nil {
		t.Fatal(err)
	}
	answered := make(chan answer, 1)
	go func() { answered <- b.do("DELETE", prefix+"/sessions", "") }()
	var got answer
	for waiting := true; waiting; {
		select {
		case got = <-answered:
			waiting = false
		case <-time.After(10 * time.Millisecond):
			// By now, the request may wait for the lock.
			killConnections(t, server, "Execute")
		}
	}
	if got.Status != http.StatusServiceUnavailable || len(got.Header["Set-Cookie"]) > 0 {
		t.Errorf("status %d, body %s, Set-Cookie %q; want 503 without a cookie", got.Status, got.Body, got.Header["Set-Cookie"])
	}
}

// killConnections kills the other connections to the database that run a command, such
// as Sleep.
func killConnections(tb testing.TB, server *sql.DB, command string) {
	tb.Helper()
	rows, err := server.QueryContext(tb.Context(), `SELECT id FROM information_schema.processlist
		WHERE db = DATABASE() AND command = ? AND id <> CONNECTION_ID()`, command)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var ids []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			tb.Fatal(err)
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		tb.Fatal(err)
	}
	for _, id := range ids {
		_, err := server.ExecContext(tb.Context(), fmt.Sprintf("KILL %d", id))
		if err != nil && errorNumber(err) != 1094 { // it no longer exists
			tb.Fatal(err)
		}
	}
}

func TestUnreachableServer(t *testing.T) {
	db := testdb.OpenConfig(t, testdb.Config(t), func(c *mysql.Config) { c.Addr = "127.0.0.1:1" })
	if p, _ := ProblemOf(CheckDatabase(t.Context(), db)); p.Status != http.StatusServiceUnavailable {
		t.Errorf("status %d, want 503", p.Status)
	}
}

// If others lock a user's row for too long, the answer is 503, and nobody is logged out.
func TestLockWaitTimeout(t *testing.T) {
	config := testdb.NewDatabase(t)
	app := newTestApp(t, func(c *Config) {
		c.DB = testdb.OpenConfig(t, config, param("innodb_lock_wait_timeout", "1"))
	})
	b, u := app.user(t, "ann@example.org", DefaultRole)
	tx, err := testdb.OpenConfig(t, config).BeginTx(t.Context(), txOptions)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if err := lockUser(t.Context(), tx, u.ID); err != nil {
		t.Fatal(err)
	}
	got := b.do("DELETE", prefix+"/sessions", "")
	if got.Status != http.StatusServiceUnavailable || len(got.Header["Set-Cookie"]) > 0 || !strings.Contains(app.log.String(), "1205") {
		t.Errorf("status %d, body %s, Set-Cookie %q; want 503 without a cookie", got.Status, got.Body, got.Header["Set-Cookie"])
	}
	b.want(http.StatusOK, "GET", prefix+"/me", "") // readers do not wait
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	b.want(http.StatusNoContent, "DELETE", prefix+"/sessions", "")
}

// The victim of a deadlock can be tried again.
func TestDeadlock(t *testing.T) {
	app := newTestApp(t)
	ids := []UserID{
		app.createUser(t, "ann@example.org", DefaultRole).ID,
		app.createUser(t, "bob@example.org", DefaultRole).ID,
	}
	var wg, locked sync.WaitGroup
	locked.Add(2)
	errs := make([]error, 2)
	for i := range 2 {
		wg.Go(func() {
			errs[i] = app.store.tx(t.Context(), func(tx *sql.Tx) error {
				err := lockUser(t.Context(), tx, ids[i])
				locked.Done()
				if err != nil {
					return err
				}
				locked.Wait()
				return lockUser(t.Context(), tx, ids[1-i])
			})
		})
	}
	wg.Wait()
	err := errors.Join(errs...)
	if p, retryAfter := ProblemOf(err); errorNumber(err) != 1213 || p.Status != http.StatusServiceUnavailable || retryAfter == 0 {
		t.Errorf("error %v with the status %d, want that of a deadlock with 503", err, p.Status)
	}
	if errs[0] != nil && errs[1] != nil {
		t.Errorf("both transactions failed: %v", err)
	}
}

// A read-only server, such as a replica, logs nobody out.
func TestReadOnlyServer(t *testing.T) {
	app := newTestApp(t)
	b, _ := app.user(t, "ann@example.org", DefaultRole)
	db := app.store.db
	db.SetMaxIdleConns(0) // drops the existing connections
	db.SetMaxIdleConns(1)
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(t.Context(), `SET SESSION TRANSACTION READ ONLY`); err != nil {
		t.Fatal(err)
	}
	got := b.do("DELETE", prefix+"/sessions", "")
	if got.Status != http.StatusServiceUnavailable || len(got.Header["Set-Cookie"]) > 0 {
		t.Errorf("status %d, body %s, Set-Cookie %q; want 503 without a cookie", got.Status, got.Body, got.Header["Set-Cookie"])
	}
	b.want(http.StatusOK, "GET", prefix+"/me", "")
}

// Concurrent changes of different accounts do not block each other.
func TestUsersDoNotDeadlock(t *testing.T) {
	app := newTestApp(t)
	password := func(current, next string) string {
		return jsonObject(map[string]any{"current": current, "new": next})
	}
	var wg sync.WaitGroup
	for i := range 8 {
		b, u := app.user(t, string(rune('a'+i))+"@example.org", DefaultRole)
		wg.Go(func() {
			b.repeat(15, [][3]string{
				{"POST", prefix + "/login", credentials(u.Email, testPassword)},
				{"DELETE", prefix + "/sessions", ""},
				{"POST", prefix + "/reauthenticate", jsonObject(map[string]any{"password": testPassword})},
				{"POST", prefix + "/password", password(testPassword, otherPassword)},
				{"POST", prefix + "/password", password(otherPassword, testPassword)},
			})
		})
	}
	//authgen:if session_rows || session_stateless
	wg.Go(func() {
		for range 60 {
			if _, err := app.removeExpired(t.Context(), time.Now(), sweepRows); err != nil {
				t.Error(err)
			}
		}
	})
	//authgen:end
	wg.Wait()
}

// Concurrent logins of one user beyond the maximum number of sessions do not fail.
func TestLogInsDoNotDeadlock(t *testing.T) {
	app := newTestApp(t)
	u := app.createUser(t, "ann@example.org", DefaultRole)
	logIn := [3]string{"POST", prefix + "/login", credentials(u.Email, testPassword)}
	var wg sync.WaitGroup
	for range accountFailures - 1 {
		wg.Go(func() {
			app.browser(t).repeat(10, [][3]string{logIn, {"POST", prefix + "/logout", ""}})
			for range 15 {
				app.browser(t).repeat(1, [][3]string{logIn})
			}
		})
	}
	wg.Wait()
}

// repeat sends the requests several times, until one fails.
func (b *browser) repeat(times int, requests [][3]string) {
	for range times {
		for _, r := range requests {
			if got := b.do(r[0], r[1], r[2]); got.Status >= 400 {
				b.tb.Errorf("%s %s: status %d, body %s", r[0], r[1], got.Status, got.Body)
				return
			}
		}
	}
}

// Migrations of different applications on a server use different locks.
//
//authgen:if migrate
func TestMigrationsOfOtherDatabases(t *testing.T) {
	other := openTestDB(t)
	conn, err := other.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	var locked bool
	if err := conn.QueryRowContext(t.Context(), lockMigrations).Scan(&locked); err != nil || !locked {
		t.Fatalf("locking the migrations: %t, error %v", locked, err)
	}
	if err := Migrate(t.Context(), openTestDB(t)); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := Migrate(ctx, other); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Migrate of the locked database: error %v, want %v", err, context.DeadlineExceeded)
	}
}
