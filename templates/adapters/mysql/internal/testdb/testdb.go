//authgen:if mysql

// Package testdb creates databases for tests.
package testdb

import (
	"context"
	"crypto/rand"
	"database/sql"
	"os"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
)

// Config returns the configuration to connect to the server on which tests create
// their databases.
func Config(tb testing.TB) *mysql.Config {
	tb.Helper()
	dsn := os.Getenv("TEST_DATABASE_URL")
	if dsn == "" {
		tb.Skip("set TEST_DATABASE_URL to a database whose user may create others, for example root@tcp(127.0.0.1:3306)/test?parseTime=true")
	}
	config, err := mysql.ParseDSN(dsn)
	if err != nil {
		tb.Fatalf("TEST_DATABASE_URL: %v", err)
	}
	return config
}

// NewDatabase creates an empty database for a test, and returns the configuration to
// open it.
func NewDatabase(tb testing.TB) *mysql.Config {
	tb.Helper()
	config := Config(tb)
	server := OpenConfig(tb, config)
	config.DBName = "auth_test_" + strings.ToLower(rand.Text())
	if _, err := server.ExecContext(tb.Context(), "CREATE DATABASE "+config.DBName); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if _, err := server.ExecContext(context.Background(), "DROP DATABASE "+config.DBName); err != nil {
			tb.Error(err)
		}
	})
	return config
}

// Open returns a new database for a test, without the tables of package auth.
func Open(tb testing.TB) *sql.DB {
	tb.Helper()
	db := OpenConfig(tb, NewDatabase(tb))
	//authgen:if adopted
	CreateUsers(tb, db)
	//authgen:end
	return db
}

// OpenConfig opens a database with a changed configuration.
func OpenConfig(tb testing.TB, config *mysql.Config, change ...func(*mysql.Config)) *sql.DB {
	tb.Helper()
	config = config.Clone()
	for _, f := range change {
		f(config)
	}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		tb.Fatal(err)
	}
	db := sql.OpenDB(connector)
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

// Bind replaces the question marks in a statement with the placeholders of the
// database.
func Bind(query string) string { return query }
