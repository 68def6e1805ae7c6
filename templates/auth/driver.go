//authgen:if modernc

package auth

import "errors"

// This file holds what depends on the driver, modernc.org/sqlite. Open the database
// so that writers wait for each other, readers do not wait, and foreign keys are
// enforced:
//
//	sql.Open("sqlite", "file:app.db?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)&_txlock=immediate")

// resultCode returns the extended result code of an error of SQLite, or 0 for any
// other error.
func resultCode(err error) int {
	var coded interface{ Code() int }
	if errors.As(err, &coded) {
		return coded.Code()
	}
	return 0
}
