package auth

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"io"
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
	return &recordingConn{c.recorder, conn}, nil
}

// recordingConn records statements before another connection runs them.
type recordingConn struct {
	*recorder
	conn *sql.Conn
}

func (c *recordingConn) Close() error { return c.conn.Close() }

func (c *recordingConn) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

func (c *recordingConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	// The caller rolls back when the context is canceled.
	return c.conn.BeginTx(context.WithoutCancel(ctx), &sql.TxOptions{Isolation: sql.IsolationLevel(o.Isolation), ReadOnly: o.ReadOnly})
}

func (c *recordingConn) Prepare(query string) (driver.Stmt, error) {
	return &recordingStmt{c, query}, nil
}

type recordingStmt struct {
	*recordingConn
	query string
}

func (s *recordingStmt) Close() error  { return nil }
func (s *recordingStmt) NumInput() int { return -1 } // not checked

func (s *recordingStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	if err := s.note(s.query); err != nil {
		return nil, err
	}
	return s.conn.ExecContext(ctx, s.query, valuesOf(args)...)
}

func (s *recordingStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	if err := s.note(s.query); err != nil {
		return nil, err
	}
	rows, err := s.conn.QueryContext(ctx, s.query, valuesOf(args)...)
	if err != nil {
		return nil, err
	}
	columns, err := rows.Columns()
	return &recordedRows{rows, columns}, err
}

// Exec is never called, but a [driver.Stmt] has it.
func (s *recordingStmt) Exec([]driver.Value) (driver.Result, error) { return nil, driver.ErrSkip }

// Query is like Exec.
func (s *recordingStmt) Query([]driver.Value) (driver.Rows, error) { return nil, driver.ErrSkip }

func valuesOf(args []driver.NamedValue) []any {
	values := make([]any, len(args))
	for i, arg := range args {
		values[i] = arg.Value
	}
	return values
}

// recordedRows are rows in the form that drivers return them.
type recordedRows struct {
	rows    *sql.Rows
	columns []string
}

func (r *recordedRows) Columns() []string { return r.columns }
func (r *recordedRows) Close() error      { return r.rows.Close() }

func (r *recordedRows) Next(dest []driver.Value) error {
	if !r.rows.Next() {
		return cmp.Or(r.rows.Err(), io.EOF)
	}
	values, pointers := make([]any, len(dest)), make([]any, len(dest))
	for i := range values {
		pointers[i] = &values[i]
	}
	err := r.rows.Scan(pointers...)
	for i, value := range values {
		dest[i] = value
	}
	return err
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
