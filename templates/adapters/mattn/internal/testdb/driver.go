//authgen:if mattn

package testdb

import _ "github.com/mattn/go-sqlite3"

// driver is the name of the driver.
const driver = "sqlite3"

// DSN returns the data source name of a database file. On a busy machine, writers may
// wait long for each other.
func DSN(file string) string {
	return "file:" + file + "?_busy_timeout=600000&_journal_mode=WAL&_foreign_keys=1&_txlock=immediate"
}
