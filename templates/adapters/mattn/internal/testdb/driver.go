//authgen:if mattn

package testdb

import _ "github.com/mattn/go-sqlite3"

// driver is the name of the driver, and dsn how a file is opened with it.
const driver = "sqlite3"

func dsn(file string) string {
	return "file:" + file + "?_busy_timeout=10000&_journal_mode=WAL&_foreign_keys=1&_txlock=immediate"
}
