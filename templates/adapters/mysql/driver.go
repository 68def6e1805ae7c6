//authgen:if mysql

package auth

import (
	"database/sql/driver"
	"errors"
	"net"

	"github.com/go-sql-driver/mysql"
)

// This file holds what depends on the driver, github.com/go-sql-driver/mysql. Open the
// database so that times are returned as time.Time, in UTC, the default of loc:
//
//	sql.Open("mysql", "user:password@tcp(127.0.0.1:3306)/app?parseTime=true")
//
// Set db.SetConnMaxLifetime below the timeouts of the server and of proxies, and
// db.SetMaxOpenConns below the server's max_connections. An application that needs
// another time zone opens a second *sql.DB for this package.

// errorNumber returns the number of an error of the server, or 0 for any other error.
func errorNumber(err error) uint16 {
	var reported *mysql.MySQLError
	if errors.As(err, &reported) {
		return reported.Number
	}
	return 0
}

// isConnectionError reports whether the server could not be reached, or closed the
// connection.
func isConnectionError(err error) bool {
	var network net.Error
	return errors.Is(err, mysql.ErrInvalidConn) || errors.Is(err, driver.ErrBadConn) || errors.As(err, &network)
}
