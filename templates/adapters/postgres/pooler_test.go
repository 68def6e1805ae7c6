//authgen:if false

package auth

import (
	"database/sql"
	"os"
	"testing"

	"github.com/authgen/authgen/templates/auth/internal/testdb"
)

// A pooler that does not keep prepared statements is a fault, unless the driver needs none.
// TEST_PGBOUNCER_URL leads to PgBouncer in transaction mode, with
// max_prepared_statements=0 from version 1.21 on.
func TestPooler(t *testing.T) {
	url := os.Getenv("TEST_PGBOUNCER_URL")
	if url == "" {
		t.Skip("TEST_PGBOUNCER_URL is not set")
	}
	open := func(url string) *sql.DB {
		db, err := sql.Open(testdb.Driver, url)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		return db
	}
	for range 5 {
		wantFaults(t, "pooled", check(t.Context(), open(url), checkConnections), "database-pooler")
		a := &Auth{store: &store{db: open(url)}}
		wantFaults(t, "all of it", a.CheckDatabase(t.Context()), "database-pooler")
		wantFaults(t, "not pooled", check(t.Context(), openTestDB(t), checkConnections))
	}
	if testdb.Driver == "pgx" {
		wantFaults(t, "nothing prepared", check(t.Context(), open(url+"&default_query_exec_mode=exec"), checkConnections))
	}
	one := openTestDB(t)
	one.SetMaxOpenConns(1)
	wantFaults(t, "a single connection", check(t.Context(), one, checkConnections))
}
