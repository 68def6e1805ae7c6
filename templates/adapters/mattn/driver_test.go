//authgen:if mattn

package auth

// testDriver is the name of the driver, and testDSN how a file is opened with it.
const testDriver = "sqlite3"

func testDSN(file string) string {
	return "file:" + file + "?_busy_timeout=10000&_journal_mode=WAL&_foreign_keys=1&_txlock=immediate"
}
