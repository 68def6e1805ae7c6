//authgen:if mattn

package auth

import (
	"errors"

	sqlite3 "github.com/mattn/go-sqlite3"
)

// This file holds what depends on the driver, github.com/mattn/go-sqlite3, which needs
// cgo. Open the database so that writers wait for each other, readers do not wait, and
// foreign keys are enforced:
//
//	sql.Open("sqlite3", "file:app.db?_busy_timeout=5000&_journal_mode=WAL&_foreign_keys=1&_txlock=immediate")

// resultCode returns the extended result code of an error of SQLite, or 0 for any
// other error.
func resultCode(err error) int {
	var coded sqlite3.Error
	if errors.As(err, &coded) {
		return int(coded.ExtendedCode)
	}
	return 0
}
