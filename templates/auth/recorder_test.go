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

// recorder records the statements of a database.
type recorder struct {
	mu         sync.Mutex
	statements []string
	fail       error         // if not nil, statements return this and do not run
	delay      time.Duration // minimum duration of statements
}

// note records a statement, and returns the error that it fails with, if any.
func (r *recorder) note(statement string) error {
	time.Sleep(r.delay)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.statements = append(r.statements, strings.Join(strings.Fields(statement), " "))
	return r.fail
}

// failWith makes all statements fail from now on.
func (r *recorder) failWith(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fail = err
}

// take returns the statements since the last call.
func (r *recorder) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	taken := r.statements
	r.statements = nil
	return taken
}

// newRecordedApp is newTestApp with a recorder in front of its database.
func newRecordedApp(tb testing.TB, change ...func(*Config)) (*testApp, *recorder) {
	tb.Helper()
	r := new(recorder)
	app := newTestApp(tb, append([]func(*Config){func(c *Config) {
		c.DB = sql.OpenDB(recordingConnector{c.DB, r})
		tb.Cleanup(func() { _ = c.DB.Close() })
	}}, change...)...)
	// Discard the statements of the setup.
	app.Wait()
	r.take()
	return app, r
}

// recordingConnector takes connections from another database, since a *sql.DB does not
// reveal its data source name.
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
	// Only this wrapper uses the connection until it is closed.
	err = conn.Raw(func(raw any) error {
		recording.driverConn = raw.(driverConn)
		return nil
	})
	return recording, err
}

// driverConn is implemented by all current drivers. Many also run statements without
// preparing them, which is not used here.
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

// countDerivations counts hashed passwords. take returns the number since its last call.
func (app *testApp) countDerivations() (take func() int64) {
	var n atomic.Int64
	derive := app.hasher.derive
	app.hasher.derive = func(password, salt []byte, time, memory uint32, threads uint8, size uint32) []byte {
		n.Add(1)
		return derive(password, salt, time, memory, threads, size)
	}
	return func() int64 { return n.Swap(0) }
}

// wantStatements fails the test unless these statements have run since the last call.
func (r *recorder) wantStatements(tb testing.TB, what string, want ...string) {
	tb.Helper()
	for i := range want {
		want[i] = strings.Join(strings.Fields(want[i]), " ")
	}
	if diff := unequal(want, r.take()); diff != "" {
		tb.Errorf("%s: statements:%s", what, diff)
	}
}
