//authgen:if ncruces

package auth

import (
	"errors"

	sqlite3 "github.com/ncruces/go-sqlite3"
)

// This file holds what depends on the driver, github.com/ncruces/go-sqlite3. Open the
// database so that writers wait for each other, readers do not wait, and foreign keys
// are enforced:
//
//	sql.Open("sqlite3", "file:app.db?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)&_txlock=immediate")

// resultCode returns the extended result code of an error of SQLite, or 0 for any
// other error.
func resultCode(err error) int {
	var code sqlite3.ExtendedErrorCode
	if errors.As(err, &code) {
		return int(code)
	}
	return 0
}
