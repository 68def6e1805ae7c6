//authgen:if ncruces

package auth

import _ "github.com/ncruces/go-sqlite3/driver"

// testDriver is the name of the driver, and testDSN how a file is opened with it.
const testDriver = "sqlite3"

func testDSN(file string) string {
	return "file:" + file + "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)&_txlock=immediate"
}
