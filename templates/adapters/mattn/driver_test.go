//authgen:if mattn

package auth

// testDriver is the name of the driver, and testDSN how a file is opened with it.
// On a busy machine, writers may wait long for each other.
const testDriver = "sqlite3"

func testDSN(file string) string {
	return "file:" + file + "?_busy_timeout=600000&_journal_mode=WAL&_foreign_keys=1&_txlock=immediate"
}
