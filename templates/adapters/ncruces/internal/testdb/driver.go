//authgen:if ncruces

package testdb

import _ "github.com/ncruces/go-sqlite3/driver"

// driver is the name of the driver, and dsn how a file is opened with it.
const driver = "sqlite3"

func dsn(file string) string {
	return "file:" + file + "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)&_txlock=immediate"
}
