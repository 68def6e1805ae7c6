//authgen:if mattn

package auth

import (
	"errors"

	sqlite3 "github.com/mattn/go-sqlite3"
)

// What is particular to the driver github.com/mattn/go-sqlite3, which needs cgo.
// Open the database so that writers wait for each other, readers for nobody, and
// references are kept:
//
//	sql.Open("sqlite3", "file:app.db?_busy_timeout=5000&_journal_mode=WAL&_foreign_keys=1&_txlock=immediate")

// resultCode returns the extended result code of SQLite that an error carries, 0
// if it is none of SQLite's.
func resultCode(err error) int {
	var coded sqlite3.Error
	if errors.As(err, &coded) {
		return int(coded.ExtendedCode)
	}
	return 0
}
