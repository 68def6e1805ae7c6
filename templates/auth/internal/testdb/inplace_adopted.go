//authgen:if false

package testdb

import (
	"database/sql"
	"testing"
)

// CreateUsers stands in for the function in the adapter for tables that an application has.
func CreateUsers(testing.TB, *sql.DB) {}
