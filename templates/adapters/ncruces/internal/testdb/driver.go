//authgen:if ncruces

package testdb

import _ "github.com/ncruces/go-sqlite3/driver"

// driver is the name of the driver, and DSN how a file is opened with it.
// On a busy machine, writers may wait long for each other.
const driver = "sqlite3"

func DSN(file string) string {
	return "file:" + file + "?_pragma=busy_timeout(600000)&_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)&_txlock=immediate"
}
