package auth

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// recorder notes the statements that a database is given.
type recorder struct {
	mu         sync.Mutex
	statements []string
	fail       error         // what statements return instead of running
	takes      time.Duration // how long statements take, at least
}

// note returns the error that the statement is to fail with.
func (r *recorder) note(statement string) error {
	time.Sleep(r.takes)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.statements = append(r.statements, strings.Join(strings.Fields(statement), " "))
	return r.fail
}

// failWith makes all statements from here on fail.
func (r *recorder) failWith(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fail = err
}

// take returns the statements since it was last called.
func (r *recorder) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	taken := r.statements
	r.statements = nil
	return taken
}

// newRecordedApp is newTestApp with a recorder before its database.
func newRecordedApp(tb testing.TB, change ...func(*Config)) (*testApp, *recorder) {
	tb.Helper()
	r := new(recorder)
	app := newTestApp(tb, append([]func(*Config){func(c *Config) {
		c.DB = sql.OpenDB(recordingConnector{c.DB, r})
		tb.Cleanup(func() { _ = c.DB.Close() })
	}}, change...)...)
	// What is left of setting it up.
	app.Wait()
	r.take()
	return app, r
}

// recordingConnector connects by taking connections out of another database,
// since a *sql.DB does not tell what it was opened with.
type recordingConnector struct {
	db *sql.DB
	*recorder
}

func (c recordingConnector) Driver() driver.Driver { return c.db.Driver() }

func (c recordingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	recording := &recordingConn{pooled: conn, recorder: c.recorder}
	// Until it is closed, the connection is in nobody else's hands.
	err = conn.Raw(func(raw any) error {
		recording.driverConn = raw.(driverConn)
		return nil
	})
	return recording, err
}

// driverConn is what any driver of today implements. Many also run a statement
// without preparing it, which is not asked of them here.
type driverConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
}

type recordingConn struct {
	driverConn
	*recorder
	pooled *sql.Conn
}

func (c *recordingConn) Close() error { return c.pooled.Close() }

func (c *recordingConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	stmt, err := c.driverConn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	return &recordingStmt{stmt.(driverStmt), c.recorder, query}, nil
}

type driverStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

type recordingStmt struct {
	driverStmt
	*recorder
	query string
}

func (s *recordingStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	if err := s.note(s.query); err != nil {
		return nil, err
	}
	return s.driverStmt.ExecContext(ctx, args)
}

func (s *recordingStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	if err := s.note(s.query); err != nil {
		return nil, err
	}
	return s.driverStmt.QueryContext(ctx, args)
}

// countDerivations returns how often a password was hashed since the last call.
func (app *testApp) countDerivations() (take func() int64) {
	var n atomic.Int64
	derive := app.hasher.derive
	app.hasher.derive = func(password, salt []byte, time, memory uint32, threads uint8, size uint32) []byte {
		n.Add(1)
		return derive(password, salt, time, memory, threads, size)
	}
	return func() int64 { return n.Swap(0) }
}

// wantStatements fails the test unless the statements since the last call are
// these.
func (r *recorder) wantStatements(tb testing.TB, what string, want ...string) {
	tb.Helper()
	for i := range want {
		want[i] = strings.Join(strings.Fields(want[i]), " ")
	}
	if diff := unequal(want, r.take()); diff != "" {
		tb.Errorf("%s: statements:%s", what, diff)
	}
}

func TestStatementsOfTheChecks(t *testing.T) {
	app, recorded := newRecordedApp(t)
	b, u := app.user(t, "ann@example.org", DefaultRole)
	app.Wait()
	recorded.take()

	app.serve(t,
		testRoute{"GET /optimistic", nil, status(func(ctx context.Context) int {
			if s, ok := SessionFrom(ctx); ok && s.UserID() != u.ID {
				t.Errorf("the session is that of %s, want %s", s.UserID(), u.ID)
			}
			return http.StatusOK
		})},
		// However often and wherever a request is checked, it is once.
		testRoute{"GET /secure", []testGuard{app.RequireUser, app.RequireRole(DefaultRole), app.RequireFresh}, status(func(ctx context.Context) int {
			var all sync.WaitGroup
			for range 3 {
				all.Go(func() {
					if p, err := Verify(ctx); err != nil || p.UserID() != u.ID {
						t.Errorf("Verify: %v, %v", p, err)
					}
				})
			}
			all.Wait()
			return http.StatusNoContent
		})},
	)
	signedIn, visitor, garbage := app.resume(t, b.cookie()), app.browser(t), app.resume(t, "garbage")

	signedIn.want(http.StatusNoContent, "GET", "/secure", "")
	recorded.wantStatements(t, "the secure check", secureCheck)
	signedIn.want(http.StatusNoContent, "GET", "/secure", "")
	recorded.wantStatements(t, "the secure check of the next request", secureCheck)

	signedIn.want(http.StatusOK, "GET", "/optimistic", "")
	visitor.want(http.StatusOK, "GET", "/optimistic", "")
	visitor.want(http.StatusUnauthorized, "GET", "/secure", "")
	garbage.want(http.StatusUnauthorized, "GET", "/secure", "")
	recorded.wantStatements(t, "the optimistic check, and visitors")
}

//authgen:if gate
func TestStatementsOfTheGate(t *testing.T) {
	app, recorded := newRecordedApp(t)
	b, _ := app.user(t, "ann@example.org", DefaultRole)
	app.Wait()
	recorded.take()
	app.serve(t)
	for _, client := range []*browser{app.resume(t, b.cookie()), app.browser(t)} {
		for _, path := range append(publicPaths, protectedPaths...) {
			client.do("GET", path, "")
		}
	}
	recorded.wantStatements(t, "the gate")
}

// A visitor cannot tell an unknown address by what it costs.
func TestWorkOfALogIn(t *testing.T) {
	app, recorded := newRecordedApp(t)
	app.createUser(t, "ann@example.org", DefaultRole)
	disabled := app.createUser(t, "eve@example.org", DefaultRole)
	if _, err := app.store.db.ExecContext(t.Context(), bind(`UPDATE auth_users SET disabled = ? WHERE id = ?`), true, disabled.ID); err != nil {
		t.Fatal(err)
	}
	recorded.take()
	derivations := app.countDerivations()
	b := app.browser(t)
	for what, in := range map[string]string{
		"a wrong password":   credentials("ann@example.org", wrongPassword),
		"an unknown address": credentials("nobody@example.org", wrongPassword),
		"a disabled account": credentials(disabled.Email, testPassword),
	} {
		b.want(http.StatusUnauthorized, "POST", prefix+"/login", in)
		recorded.wantStatements(t, what, selectUserByEmail)
		if n := derivations(); n != 1 {
			t.Errorf("%s: the password was hashed %d times, want once", what, n)
		}
	}
}

// What is refused anyway costs no hash.
func TestWorkOfRefusals(t *testing.T) {
	app, recorded := newRecordedApp(t)
	app.createUser(t, "ann@example.org", DefaultRole)
	locked := app.createUser(t, "locked@example.org", DefaultRole)
	b := app.browser(t)
	for range accountFailures {
		b.want(http.StatusUnauthorized, "POST", prefix+"/login", credentials(locked.Email, wrongPassword))
	}
	derivations := app.countDerivations()
	recorded.take()

	valid := credentials("ann@example.org", testPassword)
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	routes := []string{"/login"}
	//authgen:if signup
	routes = append(routes, "/signup")
	//authgen:end
	for _, route := range routes {
		for _, test := range []struct {
			status int
			body   string
			change func(*http.Request)
		}{
			{http.StatusUnsupportedMediaType, valid, header("Content-Type", "text/plain")},
			{http.StatusForbidden, valid, header("Sec-Fetch-Site", "cross-site")},
			{http.StatusRequestEntityTooLarge, valid + strings.Repeat(" ", maxBody), header("Accept", "*/*")},
			{http.StatusBadRequest, `{"email":`, header("Accept", "*/*")},
			{http.StatusBadRequest, credentials("ann", testPassword), header("Accept", "*/*")},
			{http.StatusBadRequest, credentials("ann@example.org", ""), header("Accept", "*/*")},
			{http.StatusBadRequest, credentials("ann@example.org", strings.Repeat("a", maxPasswordLength+1)), header("Accept", "*/*")},
		} {
			b.want(test.status, "POST", prefix+route, test.body, test.change)
		}
	}
	b.want(http.StatusTooManyRequests, "POST", prefix+"/login", credentials(locked.Email, testPassword))
	recorded.wantStatements(t, "refused requests")
	if n := derivations(); n > 0 {
		t.Errorf("refused requests hashed %d passwords, want none", n)
	}
}

// When the database does not answer, nobody is let in, nobody is signed out, and
// nobody is told what the database said.
func TestDatabaseFails(t *testing.T) {
	app, recorded := newRecordedApp(t)
	b, u := app.user(t, "ann@example.org", lastRole)
	app.Wait()
	const words = "driver: no such table auth_users near SELECT"
	check := func(what string) {
		for _, p := range permissions() {
			route := usualRoute(app.Auth, p.name)
			client := app.resume(t, b.cookie())
			if route.Public {
				client = app.browser(t)
			}
			got := client.do(route.Method, strings.ReplaceAll(route.Path, "{id}", u.ID.String()), p.body)
			if got.Status != http.StatusInternalServerError || got.Code() != "internal" {
				t.Errorf("%s: %s: status %d, want 500; body %s", what, p.name, got.Status, got.Body)
			}
			if app.sessionCookie(t, got) != nil {
				t.Errorf("%s: %s: sets the cookie %q", what, p.name, got.Header["Set-Cookie"])
			}
			for _, word := range []string{"driver", "SELECT", "sql", "closed"} {
				if strings.Contains(got.Body, word) {
					t.Errorf("%s: %s: the answer contains %q: %s", what, p.name, word, got.Body)
				}
			}
		}
	}
	recorded.failWith(errors.New(words))
	check("failing statements")
	if !strings.Contains(app.log.String(), words) {
		t.Error("what the database said is not in the log")
	}
	recorded.failWith(nil)
	app.wantCookie(t, true, b.cookie(), "once the database is back")

	if err := app.store.db.Close(); err != nil {
		t.Fatal(err)
	}
	check("a closed database")
}

// What could not be looked at is not counted as a failure of the user.
func TestDatabaseFailuresAreNotCounted(t *testing.T) {
	app, recorded := newRecordedApp(t)
	app.createUser(t, "ann@example.org", DefaultRole)
	b := app.browser(t)
	recorded.failWith(errors.New("down"))
	for range addressFailures + 1 {
		b.want(http.StatusInternalServerError, "POST", prefix+"/login", credentials("ann@example.org", testPassword))
	}
	recorded.failWith(nil)
	b.logIn("ann@example.org")
}

func TestCanceledRequest(t *testing.T) {
	app := newTestApp(t)
	b, _ := app.user(t, "ann@example.org", DefaultRole)
	guarded := testRoute{"GET /test", []testGuard{app.RequireUser}, status(func(context.Context) int { return http.StatusOK })}
	for path, router := range map[string]testRouter{prefix + "/me": app.application(), "/test": app.applicationOf(guarded)} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		r := httptest.NewRequestWithContext(ctx, "GET", "https://example.com"+path, nil)
		r.Header.Set("Cookie", app.cookieName+"="+b.cookie())
		w := exchange(router, r)
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "1" || w.Header().Get("Set-Cookie") != "" {
			t.Errorf("status %d, header %v, body %s; want 503 and the cookie left alone", w.Code, w.Header(), w.Body)
		}
	}
}
