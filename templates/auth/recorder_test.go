package auth

import (
	"context"
	"database/sql"
	"database/sql/driver"
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
