//authgen:if modernc

package auth

import "errors"

// What is particular to the driver modernc.org/sqlite. Open the database so that
// writers wait for each other, readers for nobody, and references are kept:
//
//	sql.Open("sqlite", "file:app.db?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)&_txlock=immediate")

// resultCode returns the extended result code of SQLite that an error carries, 0
// if it is none of SQLite's.
func resultCode(err error) int {
	var coded interface{ Code() int }
	if errors.As(err, &coded) {
		return coded.Code()
	}
	return 0
}
